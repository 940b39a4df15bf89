import { resolve } from '../../core/options';
import { policyOf, shortFor, type Policy, type PolicyKind } from '../../core/policy';
import { fallbackSchema, type FallbackFunction, type ResolvedFallbackOptions, type FallbackOptions } from './options';

export const fallbackKind: PolicyKind<ResolvedFallbackOptions> = {
  policy: 'fallback',
  expand: shortFor('use', (given) => typeof given === 'function'),
  resolve: (given, subject) => resolve(fallbackSchema, given, subject),
  layer: (_options, next) => next,
  isOutsideBreaker: true,
};

/** A fallback, for the array form of `withPolicies`. */
export function fallback(options: FallbackFunction | FallbackOptions): Policy {
  return policyOf(fallbackKind, options);
}
