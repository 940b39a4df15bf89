import { resolve } from '../core/check';
import { policyOf, type Policy, type PolicyKind } from '../core/policy';
import type { BarePolicyDecorator } from '../protect/decorator-types';
import { policyDecorator } from '../protect/policy-decorator';
import { wrapFunction } from '../protect/wrap-function';
import type { AsyncOnly, PromiseFunction, ProtectedFunction, ProtectedIfAsync } from '../protect/wrapper-types';
import { bringBreakers } from '../registry/breakers';
import type { Breaker } from './breaker';
import { ownSchema, type BreakerOptions, type ResolvedBreakerOptions } from './options';

export const breakerKind: PolicyKind<ResolvedBreakerOptions> = {
  policy: 'breaker',
  equip: bringBreakers,
  resolve: (given, subject) => resolve(ownSchema, given, subject),
};

/** A circuit breaker, for the list of `withPipeline`. */
export function circuitBreaker(options: BreakerOptions = {}): Policy {
  return policyOf(breakerKind, options);
}

/**
 * Protects an async function by a circuit breaker of its own.
 *
 * @param fn - Returns a promise or an async iterable. Receiver and arguments reach it untouched.
 * @param options - See {@link BreakerOptions}. The operation is named after the function unless `name` is given.
 * @returns A function of the same type, with `operation`, `breaker`, `breakers` and `pipeline`.
 * @throws {@link ConfigurationError} that names every wrong option.
 * @throws {@link OperationConflictError} when `name` is taken by a site with other options.
 */
export function withBreaker<F>(fn: F & AsyncOnly<F>, options?: BreakerOptions<NoInfer<F>>): ProtectedFunction<F, Breaker>;
export function withBreaker<F extends PromiseFunction>(fn: F, options?: BreakerOptions<NoInfer<F>>): ProtectedIfAsync<F, Breaker>;
// Twice more, and last: of four the compiler prints the last one's words alone, of three those of each.
export function withBreaker<F>(fn: F & AsyncOnly<F>, options?: BreakerOptions<NoInfer<F>>): ProtectedFunction<F, Breaker>;
export function withBreaker<F>(fn: F & AsyncOnly<F>, options?: BreakerOptions<NoInfer<F>>): ProtectedFunction<F, Breaker>;
export function withBreaker<F>(fn: F, options: BreakerOptions<NoInfer<F>> = {}): ProtectedFunction<F, Breaker> {
  return wrapFunction<F>(withBreaker, 'withBreaker', fn, [circuitBreaker(options)]) as ProtectedFunction<F, Breaker>;
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
