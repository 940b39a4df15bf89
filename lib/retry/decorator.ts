import { retry } from './policy';
import type { RetryOptions } from './options';
import { policyDecorator } from '../protect/policy-decorator';
import type { BarePolicyDecorator } from '../protect/decorator-types';

/**
 * Retries a method. Over `@CircuitBreaker`, each attempt counts in the breaker, and an open circuit ends the retrying.
 * Used bare or with options; see {@link RetryOptions}.
 *
 * @throws {@link ConfigurationError} when the class is defined, naming class, member and every problem.
 */
export const Retry = policyDecorator<BarePolicyDecorator<RetryOptions>>(
  '@Retry',
  (given = {}) => [retry(given as RetryOptions)],
  true,
);
