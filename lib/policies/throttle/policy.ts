import { resolve } from '../../core/options';
import { policyOf, type Policy, type PolicyKind } from '../../core/policy';
import { throttleSchema, type ResolvedThrottleOptions, type ThrottleOptions } from './options';

export const throttleKind: PolicyKind<ResolvedThrottleOptions> = {
  policy: 'throttle',
  resolve: (given, subject) => resolve(throttleSchema, given, subject),
  layer: (_options, next) => next,
};

/** A throttle, for the array form of `withPolicies`. */
export function throttle(options: ThrottleOptions = {}): Policy {
  return policyOf(throttleKind, options);
}
