import { resolve } from '../core/options';
import { policyOf, type Policy, type PolicyKind } from '../core/policy';
import { systemRandom } from '../core/random';
import { seededRandom } from '../core/seeded-random';
import { bringCounters } from '../registry/counter';
import { injecting } from './chaos';
import { Injector } from './injector';
import { chaosSchema, type ChaosOptions, type ResolvedChaosOptions } from './options';

export const chaosKind: PolicyKind<ResolvedChaosOptions> = {
  policy: 'chaos',
  equip: bringCounters,
  resolve: (given, subject) => resolve(chaosSchema, given, subject),
  bind(options, context) {
    const { enabled, seed, random = context.random ?? systemRandom } = options;
    if (enabled === false) return (next) => next;
    return injecting(options, new Injector(options, seed === undefined ? random : seededRandom(seed)), context);
  },
};

/** Chaos, for the array form of `withPolicies`. */
export function chaos(options: ChaosOptions): Policy {
  return policyOf(chaosKind, options);
}
