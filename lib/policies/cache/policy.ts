import type { Duration } from '../../core/duration';
import { resolve } from '../../core/options';
import { policyOf, shortFor, type Policy, type PolicyKind } from '../../core/policy';
import { cacheSchema, type ResolvedCacheOptions, type CacheOptions } from './options';

export const cacheKind: PolicyKind<ResolvedCacheOptions> = {
  policy: 'cache',
  expand: shortFor('ttl', (given) => typeof given === 'string' || typeof given === 'number'),
  resolve: (given, subject) => resolve(cacheSchema, given, subject),
  layer: (_options, next) => next,
  isOutsideBreaker: true,
  noStreams: 'a stream cannot be cached: its items are read once',
};

/** A cache, for the array form of `withPolicies`. */
export function cache(options: Duration | CacheOptions): Policy {
  return policyOf(cacheKind, options);
}
