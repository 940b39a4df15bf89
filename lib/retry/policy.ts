import { resolve } from '../core/options';
import { policyOf, type Policy, type PolicyKind } from '../core/policy';
import { policyDecorator } from '../protect/policy-decorator';
import type { BarePolicyDecorator } from '../protect/decorator-types';
import type { AsyncOnly, PromiseFunction, ProtectedFunction, ProtectedIfAsync } from '../protect/wrapper-types';
import { wrapFunction } from '../protect/wrap-function';
import { timeoutKind } from '../timeout/policy';
import { bringCounters } from '../registry/counter';
import { joinBudget } from './budget-source';
import { retryRules } from './lint';
import { retrySchema, type ResolvedRetryOptions, type RetryOptions } from './options';
import { retrying } from './retry';
import { watchNesting } from './retrying-call';

export const retryKind: PolicyKind<ResolvedRetryOptions> = {
  policy: 'retry',
  equip: bringCounters,
  resolve: (given, subject) => suppressing(resolve(retrySchema, given, subject)),
  join: joinBudget,
  bind: retrying,
  repeats: ({ maxAttempts, idempotent }) => maxAttempts > 1 && idempotent !== false,
  outsideBreaker: true,
  innermost: ({ attemptTimeout: duration, clock }) =>
    duration === undefined ? undefined : { kind: timeoutKind, options: { duration, mode: 'abandon', clock } },
  ...(__DEV__ && { lint: retryRules }),
};

/** From a retry on that asks whether another one is around it, all retries say so. */
export function suppressing(options: ResolvedRetryOptions): ResolvedRetryOptions {
  if (options.nested === 'suppress') watchNesting();
  return options;
}

/** A retry, for the list of `withPipeline`. */
export function retry(options: RetryOptions = {}): Policy {
  return policyOf(retryKind, options);
}

/**
 * Retries an async function. Its operation is registered too, with a breaker that counts and never opens.
 *
 * @param fn - Returns a promise or an async iterable.
 * @param options - See {@link RetryOptions}.
 * @returns A function of the same type, which rejects with the function's own error when it is given up.
 * @throws {@link ConfigurationError} that names every wrong option.
 */
export function withRetry<F>(fn: F & AsyncOnly<F>, options?: RetryOptions<NoInfer<F>>): ProtectedFunction<F>;
export function withRetry<F extends PromiseFunction>(fn: F, options?: RetryOptions<NoInfer<F>>): ProtectedIfAsync<F>;
// Twice more, and last: of four the compiler prints the last one's words alone, of three those of each.
export function withRetry<F>(fn: F & AsyncOnly<F>, options?: RetryOptions<NoInfer<F>>): ProtectedFunction<F>;
export function withRetry<F>(fn: F & AsyncOnly<F>, options?: RetryOptions<NoInfer<F>>): ProtectedFunction<F>;
export function withRetry<F>(fn: F, options: RetryOptions<NoInfer<F>> = {}): ProtectedFunction<F> {
  return wrapFunction<F>(withRetry, 'withRetry', fn, [retry(options)]);
}

/**
 * Retries a method. Over `@CircuitBreaker`, each attempt counts in the breaker, and an open circuit ends the retrying.
 * Used bare or with options; see {@link RetryOptions}.
 *
 * @throws {@link ConfigurationError} when the class is defined, naming class, member and every problem.
 */
export const Retry = /* @__PURE__ */ policyDecorator<BarePolicyDecorator<RetryOptions>>(
  '@Retry',
  (given = {}) => [retry(given as RetryOptions)],
  true,
);
