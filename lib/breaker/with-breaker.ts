import { circuitBreaker } from './policy';
import type { BreakerOptions } from './options';
import type { AsyncOnly, PromiseFunction, ProtectedFunction, ProtectedIfAsync } from '../protect/wrapper-types';
import { wrapFunction } from '../protect/wrap-function';

/**
 * Protects an async function by a circuit breaker of its own.
 *
 * @param fn - Returns a promise or an async iterable. Receiver and arguments reach it untouched.
 * @param options - See {@link BreakerOptions}. The operation is named after the function unless `name` is given.
 * @returns A function of the same type, with `operation`, `breaker`, `breakers` and `pipeline`.
 * @throws {@link ConfigurationError} that names every wrong option.
 * @throws {@link OperationConflictError} when `name` is taken by a site with other options.
 */
export function withBreaker<F>(fn: F & AsyncOnly<F>, options?: BreakerOptions<NoInfer<F>>): ProtectedFunction<F>;
export function withBreaker<F extends PromiseFunction>(fn: F, options?: BreakerOptions<NoInfer<F>>): ProtectedIfAsync<F>;
// Twice more, and last: of four the compiler prints the last one's words alone, of three those of each.
export function withBreaker<F>(fn: F & AsyncOnly<F>, options?: BreakerOptions<NoInfer<F>>): ProtectedFunction<F>;
export function withBreaker<F>(fn: F & AsyncOnly<F>, options?: BreakerOptions<NoInfer<F>>): ProtectedFunction<F>;
export function withBreaker<F>(fn: F, options: BreakerOptions<NoInfer<F>> = {}): ProtectedFunction<F> {
  return wrapFunction<F>(withBreaker, 'withBreaker', fn, [circuitBreaker(options)]);
}
