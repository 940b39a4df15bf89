import { optional, options, resolve } from '../core/check';
import { text } from '../core/options';

/** What the presets that are a retry under a budget can be told. */
export interface BudgetPresetOptions {
  /** Group of the budget: operations that give the same one share it, as the calls of one client of theirs do. @defaultValue a budget of its own */
  budget?: string | undefined;
}

const schema = /* @__PURE__ */ options({ budget: optional(text()) });

/**
 * The group of a preset's budget, as an option of the budget.
 *
 * @throws {@link ConfigurationError} when an option is wrong.
 */
export function budgetGroup(given: BudgetPresetOptions, subject: string): { readonly group?: string } {
  const { budget } = resolve(schema, given, subject);
  return budget === undefined ? {} : { group: budget };
}
