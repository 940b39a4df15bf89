import { circuitBreaker } from './policy';
import type { BreakerOptions } from './options';
import { policyDecorator } from '../protect/policy-decorator';
import type { BarePolicyDecorator } from '../protect/decorator-types';

/**
 * Gives a method a circuit breaker of its own, named `Class.method`. Used bare or with options; see {@link BreakerOptions}.
 *
 * @throws {@link ConfigurationError} when the class is defined, naming class, member and every problem.
 */
export const CircuitBreaker = policyDecorator<BarePolicyDecorator<BreakerOptions>>(
  '@CircuitBreaker',
  (given = {}) => [circuitBreaker(given as BreakerOptions)],
  true,
);
