import { systemClock } from '../core/clock';
import type { Duration } from '../core/duration';
import { resolve } from '../core/options';
import { policyOf, shortFor, type Policy, type PolicyKind } from '../core/policy';
import { cacheRules } from './lint';
import { memoryOf } from './memory';
import { cacheSchema, type CacheOptions, type ResolvedCacheOptions } from './options';
import { CacheRunner } from './runner';

export const cacheKind: PolicyKind<ResolvedCacheOptions> = {
  policy: 'cache',
  expand: shortFor('ttl', (given) => typeof given === 'string' || typeof given === 'number'),
  resolve: (given, subject) => resolve(cacheSchema, given, subject),
  layer(given, next, { registry, clock, sink }) {
    const memory = memoryOf(given, registry, clock);
    return new CacheRunner(given.coalesce, next, sink, given.clock ?? clock ?? systemClock, memory);
  },
  isOutsideBreaker: true,
  noStreams: 'a stream cannot be cached: its items are read once',
  lint: cacheRules,
};

/** A cache, for the array form of `withPolicies`. */
export function cache(options: Duration | CacheOptions): Policy {
  return policyOf(cacheKind, options);
}
