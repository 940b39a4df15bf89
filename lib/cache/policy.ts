import { joinGroup } from '../core/groups';
import { type Duration, resolve } from '../core/options';
import { named, pairRule } from '../core/lint-rule';
import { policyOf, shortFor, type Policy, type PolicyKind } from '../core/policy';
import type { PolicyDecorator } from '../protect/decorator-types';
import { policyDecorator } from '../protect/policy-decorator';
import { bringCounters } from '../registry/counter';
import { caching } from './cache';
import { cacheSchema, type CacheOptions, type ResolvedCacheOptions } from './options';

export const cacheKind: PolicyKind<ResolvedCacheOptions> = {
  policy: 'cache',
  equip: bringCounters,
  expand: /* @__PURE__ */ shortFor('ttl', (given) => typeof given === 'string' || typeof given === 'number'),
  resolve: (given, subject) => resolve(cacheSchema, given, subject),
  join: (options, context) => joinGroup('cache', options, context),
  bind: caching,
  outsideBreaker: true,
  noStreams: __DEV__ ? 'a stream cannot be cached: its items are read once' : 'invalid',
  lint: __DEV__
    ? {
        BREAKER_BOX_CACHE_INSIDE_BREAKER: pairRule(
          named('breaker'),
          named('cache'),
          'the cache is inside the breaker: its hits count as successes of a dependency that nobody asked, and an open circuit rejects calls that it could answer; put the cache outside',
        ),
        BREAKER_BOX_CACHE_INSIDE_LIMIT: pairRule(
          named('rateLimit', 'throttle', 'bulkhead'),
          named('cache'),
          'the cache is inside a limit, which counts, and refuses, calls that the cache could answer without the dependency; put the cache outside',
        ),
      }
    : {},
};

/** A cache, for the list of `withPipeline`. */
export function cache(options: Duration | CacheOptions): Policy {
  return policyOf(cacheKind, options);
}

/**
 * Keeps what a method gives, for each instance and for equal arguments; equal calls in flight share one run. Takes the
 * time to keep it, `@Cache('5m')`, or options; see {@link CacheOptions}. Failures are never kept. {@link cacheOf} clears it.
 *
 * @throws {@link ConfigurationError} when the class is defined, naming class, member and every problem; also for a method
 *   that gives a stream.
 */
export const Cache = /* @__PURE__ */ policyDecorator<(options: Duration | CacheOptions) => PolicyDecorator>('@Cache', (given) => [cache(given as Duration | CacheOptions)], false);
