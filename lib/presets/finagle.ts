import { optional, options, resolve } from '../core/check';
import { text } from '../core/options';
import type { RetryOptions } from '../retry/options';
import type { RetryBudgetOptions } from '../retry/budget';
import type { RetryBudgetSource } from '../retry/budget-source';
import { retryBudget } from '../retry/shared-budget';

/** Options of the presets that are a retry under a budget. */
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

/**
 * A retry under the budget of Finagle's clients: retries may be 20 % of the calls of the last ten seconds, and 10 a second in
 * any case. Attempts and delays are those of every retry here; in Finagle, they are the client's own affair.
 *
 * @throws {@link ConfigurationError} when an option is wrong.
 * @see https://finagle.github.io/blog/2016/02/08/retry-budgets/
 */
export function finagle(given: BudgetPresetOptions = {}): RetryOptions & { readonly budget: RetryBudgetSource & RetryBudgetOptions } {
  return { budget: retryBudget({ ...budgetGroup(given, 'presets.finagle'), ratio: 0.2, minPerSecond: 10, ttl: '10s' }) };
}
