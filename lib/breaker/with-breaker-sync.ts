import type { AnyFunction } from '../core/call';
import { ConfigurationError } from '../core/errors';
import type { Breaker } from './breaker';
import { circuitBreaker } from './policy';
import type { BreakerOptions } from './options';
import { sync } from '../core/sync';
import { pipelineFor } from '../protect/protect';
import { pipelineOf, wrap } from '../protect/wrapper';
import { placeOf } from '../registry/place';
import type { CannotProtect, ProtectedFunction, WhyNoFunction } from '../protect/wrapper-types';
import { derivedName, functionOnly, subjectOf } from '../protect/wrap-function';

/** Resolves to `unknown` for functions that never return a promise. `any` and `never` extend everything, a promise too, and are let pass. */
export type SyncOnly<F> = 0 extends 1 & F ? unknown : F extends (...args: never[]) => infer R
  ? 0 extends 1 & R
    ? unknown
    : [R] extends [never]
      ? unknown
      : [R] extends [PromiseLike<unknown>]
        ? CannotProtect<'it returns a promise: use withBreaker'>
        : [Extract<R, PromiseLike<unknown>>] extends [never]
          ? unknown
          : CannotProtect<'it returns a promise sometimes: make it async, and use withBreaker'>
  : CannotProtect<WhyNoFunction<F>>;

/**
 * Protects a synchronous function by a circuit breaker of its own; it throws where the async one rejects.
 *
 * @throws {@link ConfigurationError} that names every wrong option.
 */
export function withBreakerSync<F>(fn: F & SyncOnly<F>, options: BreakerOptions<NoInfer<F>> = {}): ProtectedFunction<F, Breaker> {
  const original = synchronousOnly(functionOnly('withBreakerSync', fn, 'function'));
  const pipeline = pipelineFor([circuitBreaker(options)], {
    fn: original,
    subject: subjectOf('withBreakerSync', original),
    derive: () => derivedName(original),
    place: placeOf(withBreakerSync, original),
    mode: sync,
  });
  pipeline.site.register();
  return wrap(pipeline, original) as ProtectedFunction<F, Breaker>;
}

/** A function that is known to return a promise, or a stream, has not ended when it returns: its failures would count as successes. */
function synchronousOnly(fn: AnyFunction): AnyFunction {
  const mode = pipelineOf(fn)?.mode;
  if (mode === undefined ? !/^\[object Async/.test(Object.prototype.toString.call(fn)) : mode === sync) return fn;
  throw new ConfigurationError(subjectOf('withBreakerSync', fn), [{ path: '', message: 'it is async: use withBreaker', received: fn }]);
}
