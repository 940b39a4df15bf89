import { systemClock } from '../core/clock';
import { resolve } from '../core/options';
import { stateSource } from '../core/partitions';
import { policyOf, shortFor, type Policy, type PolicyKind } from '../core/policy';
import { stateOf } from '../core/policy-state';
import { rateLimitRules } from './lint';
import { rateLimitSchema, type RateLimitOptions, type ResolvedRateLimitOptions } from './options';
import { RateLimiter } from './rate-limiter';
import { RateLimitRunner } from './runner';
import { TokenBucket } from './token-bucket';

export const rateLimitKind: PolicyKind<ResolvedRateLimitOptions> = {
  policy: 'rateLimit',
  expand: shortFor('limit', (given) => typeof given === 'number'),
  resolve: (given, subject) => resolve(rateLimitSchema, given, subject),
  layer(given, next, { operation, registry, clock: ofRegistry, sink }) {
    const { limit, interval, burst, maxWait } = given;
    const clock = given.clock ?? ofRegistry ?? systemClock;
    const make = (key: string | undefined): RateLimiter => new RateLimiter(key, new TokenBucket(limit, interval, burst), clock);
    const source = stateOf(given, registry, () => stateSource(given, operation, make));
    return new RateLimitRunner(source, maxWait, clock, next, sink);
  },
  lint: rateLimitRules,
};

/**
 * A rate limit, for the array form of `withPolicies`.
 *
 * @param options - A number is the `limit`, in calls per second.
 */
export function rateLimit(options: number | RateLimitOptions): Policy {
  return policyOf(rateLimitKind, options);
}
