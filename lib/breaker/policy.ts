import { policyOf, type Policy, type PolicyKind } from '../core/policy';
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
