import type { Duration } from '../core/duration';
import { named, pairRule } from '../core/lint-rule';
import { resolve } from '../core/options';
import { policyOf, shortFor, type Policy, type PolicyKind } from '../core/policy';
import { bringCounters } from '../registry/counter';
import { caching } from './cache';
import { cacheSchema, type CacheOptions, type ResolvedCacheOptions } from './options';

export const cacheKind: PolicyKind<ResolvedCacheOptions> = {
  policy: 'cache',
  equip: bringCounters,
  expand: /* @__PURE__ */ shortFor('ttl', (given) => typeof given === 'string' || typeof given === 'number'),
  resolve: (given, subject) => resolve(cacheSchema, given, subject),
  bind: caching,
  isOutsideBreaker: true,
  noStreams: 'a stream cannot be cached: its items are read once',
  lint: {
    BREAKER_BOX_CACHE_INSIDE_BREAKER: /* @__PURE__ */ pairRule(
      /* @__PURE__ */ named('breaker'),
      /* @__PURE__ */ named('cache'),
      'the cache is inside the breaker: its hits count as successes of a dependency that nobody asked, and an open circuit rejects calls that it could answer; put the cache outside',
    ),
    BREAKER_BOX_CACHE_INSIDE_LIMIT: /* @__PURE__ */ pairRule(
      /* @__PURE__ */ named('rateLimit', 'throttle', 'bulkhead'),
      /* @__PURE__ */ named('cache'),
      'the cache is inside a limit, which counts, and refuses, calls that the cache could answer without the dependency; put the cache outside',
    ),
  },
};

/** A cache, for the array form of `withPolicies`. */
export function cache(options: Duration | CacheOptions): Policy {
  return policyOf(cacheKind, options);
}
