import { resolve } from '../../core/options';
import { policyOf, shortFor, type Policy, type PolicyKind } from '../../core/policy';
import { fallbackSchema, type FallbackFunction, type FallbackOptions, type ResolvedFallbackOptions } from './options';
import { FallbackRunner } from './runner';

export const fallbackKind: PolicyKind<ResolvedFallbackOptions> = {
  policy: 'fallback',
  expand: shortFor('use', (given) => typeof given === 'function'),
  resolve: (given, subject) => resolve(fallbackSchema, given, subject),
  layer: (options, next, context) => new FallbackRunner(options, next, context),
  isOutsideBreaker: true,
};

/** A fallback, for the array form of `withPolicies`. */
export function fallback(options: FallbackFunction | FallbackOptions): Policy {
  return policyOf(fallbackKind, options);
}
