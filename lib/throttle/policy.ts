import { grouped } from '../core/groups';
import { guardByKey } from '../core/keyed-guard';
import { named, pairRule, repeatingRetry } from '../core/lint-rule';
import { resolve } from '../core/options';
import { policyOf, type Policy, type PolicyKind } from '../core/policy';
import { bringCounters } from '../registry/counter';
import { throttleSchema, type ResolvedThrottleOptions, type ThrottleOptions } from './options';
import { Shedding } from './shedding';

export const throttleKind: PolicyKind<ResolvedThrottleOptions> = {
  policy: 'throttle',
  equip: bringCounters,
  resolve: (given, subject) => resolve(throttleSchema, given, subject),
  bind: (options, context) =>
    grouped('throttle', options, context, () => guardByKey(options, context.operation, 'throttle', (key) => new Shedding(options, context, key))),
  lint: {
    BREAKER_BOX_THROTTLE_OUTSIDE_RETRY: pairRule(
      named('throttle'),
      repeatingRetry,
      'the throttle is outside the retry, so it counts calls where the dependency counts attempts, and reacts too little; put the throttle inside',
    ),
  },
};

/** A throttle, for the array form of `withPolicies`. */
export function throttle(options: ThrottleOptions = {}): Policy {
  return policyOf(throttleKind, options);
}
