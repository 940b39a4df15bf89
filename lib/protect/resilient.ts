import { toPolicies, type PolicyOptions } from './policy-options';
import { policyDecorator } from './policy-decorator';
import type { ResilientDecorator } from './decorator-types';

/**
 * Protects a method by several policies in one pipeline, as `withPolicies` does: `@Resilient({ retry: {}, breaker: {} })`.
 *
 * @throws {@link ConfigurationError} when the class is defined, naming class, member and every problem.
 */
export const Resilient = policyDecorator<ResilientDecorator>(
  '@Resilient',
  (given, subject, isStream) => toPolicies(given as PolicyOptions, subject, isStream),
  false,
);
