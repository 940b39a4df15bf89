import { resolve } from '../../core/options';
import { policyOf, shortFor, type Policy, type PolicyKind } from '../../core/policy';
import { bulkheadSchema, type ResolvedBulkheadOptions, type BulkheadOptions } from './options';

export const bulkheadKind: PolicyKind<ResolvedBulkheadOptions> = {
  policy: 'bulkhead',
  expand: shortFor('maxConcurrent', (given) => typeof given === 'number'),
  resolve: (given, subject) => resolve(bulkheadSchema, given, subject),
  layer: (_options, next) => next,
};

/** A bulkhead, for the array form of `withPolicies`. */
export function bulkhead(options: number | BulkheadOptions): Policy {
  return policyOf(bulkheadKind, options);
}
