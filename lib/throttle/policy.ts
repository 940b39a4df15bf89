import { grouped, joinGroup } from '../core/groups';
import { guardByKey } from '../core/keyed-states';
import { named, pairRule, repeatingRetry } from '../core/lint-rule';
import { resolve } from '../core/options';
import { policyOf, type Policy, type PolicyKind } from '../core/policy';
import type { BarePolicyDecorator } from '../protect/decorator-types';
import { policyDecorator } from '../protect/policy-decorator';
import { bringCounters } from '../registry/counter';
import { throttleSchema, type ResolvedThrottleOptions, type ThrottleOptions } from './options';
import { Shedding } from './shedding';

export const throttleKind: PolicyKind<ResolvedThrottleOptions> = {
  policy: 'throttle',
  equip: bringCounters,
  resolve: (given, subject) => resolve(throttleSchema, given, subject),
  join: (options, context) => joinGroup('throttle', options, context),
  bind: (options, context) =>
    grouped('throttle', options, context, () => guardByKey(options, context.operation, 'throttle', (key) => new Shedding(options, context, key))),
  lint: __DEV__
    ? {
        BREAKER_BOX_THROTTLE_OUTSIDE_RETRY: pairRule(
          named('throttle'),
          repeatingRetry,
          'the throttle is outside the retry, so it counts calls where the dependency counts attempts, and reacts too little; put the throttle inside',
        ),
      }
    : {},
};

/** A throttle, for the list of `withPipeline`. */
export function throttle(options: ThrottleOptions = {}): Policy {
  return policyOf(throttleKind, options);
}

/**
 * Holds back a share of a method's calls while its dependency refuses many of them, and rejects those with
 * {@link ThrottledError}. Used bare or with options; see {@link ThrottleOptions}.
 *
 * @throws {@link ConfigurationError} when the class is defined, naming class, member and every problem.
 */
export const Throttle = /* @__PURE__ */ policyDecorator<BarePolicyDecorator<ThrottleOptions>>(
  '@Throttle',
  (given = {}) => [throttle(given as ThrottleOptions)],
  true,
);
