import type { Duration } from '../core/duration';
import { resolve } from '../core/options';
import { policyOf, shortFor, type Policy, type PolicyKind } from '../core/policy';
import { bringCounters } from '../registry/counter';
import { timeoutRules } from './lint';
import { timeoutSchema, type ResolvedTimeoutOptions, type TimeoutOptions } from './options';
import { timing } from './timeout';

export const timeoutKind: PolicyKind<ResolvedTimeoutOptions> = {
  policy: 'timeout',
  equip: bringCounters,
  expand: shortFor('duration', (given) => typeof given === 'string' || typeof given === 'number'),
  resolve: (given, subject) => resolve(timeoutSchema, given, subject),
  bind: timing,
  lint: timeoutRules,
};

/** A timeout, for the list of `withPipeline`. */
export function timeout(options: Duration | TimeoutOptions): Policy {
  return policyOf(timeoutKind, options);
}
