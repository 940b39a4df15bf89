import type { RetryOptions } from '../retry/options';
import type { RetryBudgetOptions } from '../retry/budget';
import type { RetryBudgetSource } from '../retry/budget-source';
import { retryBudget } from '../retry/shared-budget';
import { budgetGroup, type BudgetPresetOptions } from './budget-name';

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
