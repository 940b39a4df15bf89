import { systemClock } from '../core/clock';
import type { Duration } from '../core/duration';
import { resolve } from '../core/options';
import { policyOf, shortFor, type Policy, type PolicyKind } from '../core/policy';
import { hedgeRules } from './lint';
import { memoryOf } from './memory';
import { hedgeSchema, type HedgeOptions, type ResolvedHedgeOptions } from './options';
import { HedgeRunner } from './runner';

export const hedgeKind: PolicyKind<ResolvedHedgeOptions> = {
  policy: 'hedge',
  expand: shortFor('delay', (given) => typeof given === 'string' || typeof given === 'number'),
  resolve: (given, subject) => resolve(hedgeSchema, given, subject),
  layer(given, next, { clock, sink, registry, allowance }) {
    return new HedgeRunner(given, next, sink, given.clock ?? clock ?? systemClock, memoryOf(given, registry, clock), allowance);
  },
  noStreams: 'a stream cannot be hedged: which of two began first says nothing about their items',
  lint: hedgeRules,
};

/** A hedge, for the array form of `withPolicies`. */
export function hedge(options: Duration | HedgeOptions): Policy {
  return policyOf(hedgeKind, options);
}
