import type { Policy } from '../core/policy';
import { toPolicies, type PolicyOptions } from '../pipeline/policy-options';
import { policyDecorator } from './policy-decorator';
import type { PolicyDecorator } from './types';

/**
 * Protects a method by several policies in one pipeline, as `withPolicies` does: `@Resilient({ retry: {}, breaker: {} })`.
 *
 * @throws {@link ConfigurationError} when the class is defined, naming class, member and every problem.
 */
export const Resilient = policyDecorator<(policies: PolicyOptions | readonly Policy[]) => PolicyDecorator>(
  '@Resilient',
  (given, subject) => toPolicies(given as PolicyOptions, subject),
  false,
);
