import { policyOf, type Policy, type PolicyKind } from '../core/policy';
import type { BarePolicyDecorator } from '../protect/decorator-types';
import { policyDecorator } from '../protect/policy-decorator';
import { bringBreakers } from '../registry/breakers';
import { breakerSettings, checkBreakerOptions, type BreakerOptions, type ResolvedBreakerOptions } from './options';

export const breakerKind: PolicyKind<ResolvedBreakerOptions> = {
  policy: 'breaker',
  equip: bringBreakers,
  resolve(given, subject) {
    checkBreakerOptions(given as BreakerOptions, subject);
    return breakerSettings([given as BreakerOptions], subject).options;
  },
};

/** A circuit breaker, for the list of `withPipeline`. */
export function circuitBreaker(options: BreakerOptions = {}): Policy {
  return policyOf(breakerKind, options);
}

/**
 * Gives a method a circuit breaker of its own, named `Class.method`. Used bare or with options; see {@link BreakerOptions}.
 *
 * @throws {@link ConfigurationError} when the class is defined, naming class, member and every problem.
 */
export const CircuitBreaker = /* @__PURE__ */ policyDecorator<BarePolicyDecorator<BreakerOptions>>(
  '@CircuitBreaker',
  (given = {}) => [circuitBreaker(given as BreakerOptions)],
  true,
);
