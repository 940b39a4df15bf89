import { aws } from './aws';
import { database } from './database';
import { finagle } from './finagle';
import { http } from './http';
import { llm } from './llm';

export { httpFailure } from './http-failure';
export type { BudgetPresetOptions } from './finagle';

/** Policies for what most programs call, chosen with care: docs/presets.md tells the reasons. */
export const presets = { http, llm, database, aws, finagle } as const;
