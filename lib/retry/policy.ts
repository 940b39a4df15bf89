import { resolve } from '../core/options';
import { policyOf, type Policy, type PolicyKind } from '../core/policy';
import { timeoutKind } from '../timeout/policy';
import { retryRules } from './lint';
import { watchNesting } from './nesting';
import { retrySchema, type ResolvedRetryOptions, type RetryOptions } from './options';
import { retrying } from './retry';

export const retryKind: PolicyKind<ResolvedRetryOptions> = {
  policy: 'retry',
  resolve(given, subject) {
    const options = resolve(retrySchema, given, subject);
    if (options.nested === 'suppress') watchNesting();
    return options;
  },
  bind: retrying,
  repeats: ({ maxAttempts, idempotent }) => maxAttempts > 1 && idempotent !== false,
  isOutsideBreaker: true,
  innermost: ({ attemptTimeout: duration, clock }) =>
    duration === undefined ? undefined : { kind: timeoutKind, options: { duration, mode: 'abandon', clock } },
  lint: retryRules,
};

/** A retry, for the list of `withPipeline`. */
export function retry(options: RetryOptions = {}): Policy {
  return policyOf(retryKind, options);
}
