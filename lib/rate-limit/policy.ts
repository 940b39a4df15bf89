import { grouped, joinGroup } from '../core/groups';
import { guardByKey } from '../core/keyed-states';
import { named, pairRule, repeatingRetry } from '../core/lint-rule';
import { resolve } from '../core/options';
import { policyOf, shortFor, type Policy, type PolicyKind } from '../core/policy';
import type { PolicyDecorator } from '../protect/decorator-types';
import { policyDecorator } from '../protect/policy-decorator';
import { bringCounters } from '../registry/counter';
import { rateLimitSchema, type RateLimitOptions, type ResolvedRateLimitOptions } from './options';
import { RateLimiter } from './rate-limiter';

export const rateLimitKind: PolicyKind<ResolvedRateLimitOptions> = {
  policy: 'rateLimit',
  equip: bringCounters,
  expand: shortFor('limit', (given) => typeof given === 'number'),
  resolve: (given, subject) => resolve(rateLimitSchema, given, subject),
  join: (options, context) => joinGroup('rateLimit', options, context),
  bind: (options, context) =>
    grouped('rateLimit', options, context, () => guardByKey(options, context.operation, 'rate limit', (key) => new RateLimiter(options, context, key))),
  lint: __DEV__
    ? {
        BREAKER_BOX_RATE_LIMIT_OUTSIDE_RETRY: pairRule(
          named('rateLimit'),
          repeatingRetry,
          'the rate limit is outside the retry, whose further attempts it does not see: the dependency gets more calls than the limit; put the rate limit inside',
        ),
      }
    : {},
};

/**
 * A rate limit, for the list of `withPipeline`.
 *
 * @param options - A number is the `limit`, in calls per second.
 */
export function rateLimit(options: number | RateLimitOptions): Policy {
  return policyOf(rateLimitKind, options);
}

/**
 * Bounds how many calls of a method start in a time, all instances together: `@RateLimit(100)` lets 100 a second through and
 * rejects the rest with {@link RateLimitedError}; with `maxWait` they wait for their turn. See {@link RateLimitOptions}.
 *
 * @throws {@link ConfigurationError} when the class is defined, naming class, member and every problem.
 */
export const RateLimit = /* @__PURE__ */ policyDecorator<(options: number | RateLimitOptions) => PolicyDecorator>(
  '@RateLimit',
  (given) => [rateLimit(given as number | RateLimitOptions)],
  false,
);
