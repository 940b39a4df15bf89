import { circuitBreaker } from '../policies/circuit-breaker/policy';
import type { BreakerOptions } from '../policies/circuit-breaker/options';
import { policyDecorator } from './policy-decorator';
import type { BarePolicyDecorator } from './types';

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
