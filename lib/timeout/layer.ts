import { systemClock } from '../core/clock';
import type { LayerContext } from '../core/policy';
import type { Runner } from '../core/runner';
import type { ResolvedTimeoutOptions } from './options';
import { TimeoutRules } from './rules';
import { AbandonRunner, CooperativeRunner } from './runner';
import { StreamTimeoutRunner } from './stream-runner';

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
