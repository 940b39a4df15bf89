import { resolve } from '../../core/options';
import { policyOf, type Policy, type PolicyKind } from '../../core/policy';
import { chaosSchema, type ResolvedChaosOptions, type ChaosOptions } from './options';

export const chaosKind: PolicyKind<ResolvedChaosOptions> = {
  policy: 'chaos',
  resolve: (given, subject) => resolve(chaosSchema, given, subject),
  layer: (_options, next) => next,
};

/** A chaos, for the array form of `withPolicies`. */
export function chaos(options: ChaosOptions): Policy {
  return policyOf(chaosKind, options);
}
