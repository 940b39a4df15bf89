export { presets } from './presets';
export { httpFailure } from './http-failure';
export type { BudgetPresetOptions } from './budget-name';
