import { resolve } from '../../core/options';
import { policyOf, shortFor, type Policy, type PolicyKind } from '../../core/policy';
import { rateLimitSchema, type ResolvedRateLimitOptions, type RateLimitOptions } from './options';

export const rateLimitKind: PolicyKind<ResolvedRateLimitOptions> = {
  policy: 'rateLimit',
  expand: shortFor('limit', (given) => typeof given === 'number'),
  resolve: (given, subject) => resolve(rateLimitSchema, given, subject),
  layer: (_options, next) => next,
};

/** A rateLimit, for the array form of `withPolicies`. */
export function rateLimit(options: number | RateLimitOptions): Policy {
  return policyOf(rateLimitKind, options);
}
