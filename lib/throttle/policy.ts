import { ageClockOf } from '../core/age-clock';
import { systemClock } from '../core/clock';
import { resolve } from '../core/options';
import { stateSource } from '../core/partitions';
import { policyOf, type Policy, type PolicyKind } from '../core/policy';
import { stateOf } from '../core/policy-state';
import { systemRandom } from '../core/random';
import { throttleRules } from './lint';
import { throttleSchema, type ResolvedThrottleOptions, type ThrottleOptions } from './options';
import { RequestHistory } from './request-history';
import { ThrottleRunner } from './runner';

export const throttleKind: PolicyKind<ResolvedThrottleOptions> = {
  policy: 'throttle',
  resolve: (given, subject) => resolve(throttleSchema, given, subject),
  layer(given, next, { operation, registry, sink, ...ofRegistry }) {
    const clock = given.clock ?? ofRegistry.clock ?? systemClock;
    const random = given.random ?? ofRegistry.random ?? systemRandom;
    const make = (key: string | undefined): RequestHistory => new RequestHistory(key, given.window, ageClockOf(clock));
    const source = stateOf(given, registry, () => stateSource(given, operation, make));
    return new ThrottleRunner(given, source, next, { clock, random, sink });
  },
  lint: throttleRules,
};

/** A throttle, for the array form of `withPolicies`. */
export function throttle(options: ThrottleOptions = {}): Policy {
  return policyOf(throttleKind, options);
}
