import type { Duration } from '../../core/duration';
import { resolve } from '../../core/options';
import { policyOf, shortFor, type Policy, type PolicyKind } from '../../core/policy';
import { hedgeSchema, type ResolvedHedgeOptions, type HedgeOptions } from './options';

export const hedgeKind: PolicyKind<ResolvedHedgeOptions> = {
  policy: 'hedge',
  expand: shortFor('delay', (given) => typeof given === 'string' || typeof given === 'number'),
  resolve: (given, subject) => resolve(hedgeSchema, given, subject),
  layer: (_options, next) => next,
  repeats: () => true,
  noStreams: 'a stream cannot be hedged: which of two began first says nothing about their items',
};

/** A hedge, for the array form of `withPolicies`. */
export function hedge(options: Duration | HedgeOptions): Policy {
  return policyOf(hedgeKind, options);
}
