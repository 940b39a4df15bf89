import * as v from 'valibot';
import type { RetryBudgetOptions } from '../budget/budget-options';
import { options, resolve, text } from '../core/options';
import type { RetryOptions } from '../policies/retry/options';

/** What `presets.finagle` can be told. */
export interface FinaglePresetOptions {
  /** Name of the budget: operations that give the same one share it, as the calls of one Finagle client do. @defaultValue a budget of its own */
  budget?: string | undefined;
}

const schema = options({ budget: v.optional(text()) });

/**
 * A retry under the budget of Finagle's clients: retries may be 20 % of the calls of the last ten seconds, and 10 a second in
 * any case. Attempts and delays are those of every retry here; in Finagle, they are the client's own affair.
 *
 * @throws {@link ConfigurationError} when an option is wrong.
 * @see https://finagle.github.io/blog/2016/02/08/retry-budgets/
 */
export function finagle(given: FinaglePresetOptions = {}): RetryOptions & { readonly budget: RetryBudgetOptions } {
  const { budget: name } = resolve(schema, given, 'presets.finagle');
  return {
    budget: { ...(name !== undefined && { name }), ratio: 0.2, minPerSecond: 10, ttl: '10s' },
  };
}
