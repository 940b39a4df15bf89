import { systemClock } from '../../core/clock';
import type { Duration } from '../../core/duration';
import { resolve } from '../../core/options';
import { policyOf, shortFor, type LayerContext, type Policy, type PolicyKind } from '../../core/policy';
import type { Runner } from '../../core/runner';
import { timeoutSchema, type ResolvedTimeoutOptions, type TimeoutOptions } from './options';
import { TimeoutRules } from './rules';
import { AbandonRunner, CooperativeRunner } from './runner';
import { StreamTimeoutRunner } from './stream-runner';

export const timeoutKind: PolicyKind<ResolvedTimeoutOptions> = {
  policy: 'timeout',
  expand: shortFor('duration', (given) => typeof given === 'string' || typeof given === 'number'),
  resolve: (given, subject) => resolve(timeoutSchema, given, subject),
  layer: timeoutLayer,
};

/** A timeout around `next`; also that of a retry around each attempt. */
export function timeoutLayer(
  { duration, mode, clock }: Pick<ResolvedTimeoutOptions, 'duration' | 'mode' | 'clock'>,
  next: Runner,
  context: LayerContext,
): Runner {
  const rules = new TimeoutRules(duration, clock ?? context.clock ?? systemClock, context.sink);
  const isCooperative = mode === 'cooperative';
  if (context.isStream) return new StreamTimeoutRunner(rules, isCooperative, next);
  return isCooperative ? new CooperativeRunner(rules, next) : new AbandonRunner(rules, next);
}

/** A timeout, for the array form of `withPolicies`. */
export function timeout(options: Duration | TimeoutOptions): Policy {
  return policyOf(timeoutKind, options);
}
