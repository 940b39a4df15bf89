import { resolve } from '../core/options';
import { policyOf, type Policy, type PolicyKind } from '../core/policy';
import { stateOf } from '../core/policy-state';
import { systemRandom } from '../core/random';
import { seededRandom } from '../core/seeded-random';
import { Injector } from './injector';
import { chaosSchema, type ChaosOptions, type ResolvedChaosOptions } from './options';
import { ChaosRunner } from './runner';

export const chaosKind: PolicyKind<ResolvedChaosOptions> = {
  policy: 'chaos',
  resolve: (given, subject) => resolve(chaosSchema, given, subject),
  layer(options, next, context) {
    const { enabled, seed, random = context.random ?? systemRandom } = options;
    if (enabled === false) return next;
    // A pipeline that is compiled anew goes on in the sequence of its seed.
    const injector = stateOf(options, context.registry, () => new Injector(options, seed === undefined ? random : seededRandom(seed)));
    return new ChaosRunner(options, next, injector, context);
  },
};

/** Chaos, for the array form of `withPolicies`. */
export function chaos(options: ChaosOptions): Policy {
  return policyOf(chaosKind, options);
}
