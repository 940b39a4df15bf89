import { retry } from './policy';
import type { RetryOptions } from './options';
import type { AsyncOnly, PromiseFunction, ProtectedFunction, ProtectedIfAsync } from '../protect/wrapper-types';
import { wrapFunction } from '../protect/wrap-function';

/**
 * Retries an async function. Its operation is registered too, with a breaker that counts and never opens.
 *
 * @param fn - Returns a promise or an async iterable.
 * @param options - See {@link RetryOptions}.
 * @returns A function of the same type, which rejects with the function's own error when it is given up.
 * @throws {@link ConfigurationError} that names every wrong option.
 */
export function withRetry<F>(fn: F & AsyncOnly<F>, options?: RetryOptions<NoInfer<F>>): ProtectedFunction<F>;
export function withRetry<F extends PromiseFunction>(fn: F, options?: RetryOptions<NoInfer<F>>): ProtectedIfAsync<F>;
// Twice more, and last: of four the compiler prints the last one's words alone, of three those of each.
export function withRetry<F>(fn: F & AsyncOnly<F>, options?: RetryOptions<NoInfer<F>>): ProtectedFunction<F>;
export function withRetry<F>(fn: F & AsyncOnly<F>, options?: RetryOptions<NoInfer<F>>): ProtectedFunction<F>;
export function withRetry<F>(fn: F, options: RetryOptions<NoInfer<F>> = {}): ProtectedFunction<F> {
  return wrapFunction<F>(withRetry, 'withRetry', fn, [retry(options)]);
}
