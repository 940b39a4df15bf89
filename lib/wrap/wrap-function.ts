import type { AnyFunction } from '../core/call';
import { ConfigurationError } from '../core/errors';
import { isClass } from '../core/is-class';
import type { Policy } from '../core/policy';
import { plan } from '../pipeline/protect';
import { wrap } from '../pipeline/wrapper';
import { Place } from '../registry/place';
import type { DerivedName } from '../registry/site';
import type { ProtectedFunction } from './types';

/**
 * Wraps a function with policies, outermost first, and registers its operation.
 *
 * @param called - The function of ours that the program called.
 */
export function wrapFunction<F>(called: AnyFunction, wrapperName: string, fn: F, policies: readonly Policy[]): ProtectedFunction<F> {
  const original = functionOnly(wrapperName, fn);
  const subject = subjectOf(wrapperName, original);
  const planned = plan(policies, { fn: original, subject, derive: () => nameOf(original), place: Place.of(called, original) });
  planned.site.enter(planned.site.home);
  return wrap(planned, original) as ProtectedFunction<F>;
}

/** @throws {@link ConfigurationError} when `fn` is no function, or a class. */
export function functionOnly(wrapperName: string, fn: unknown): AnyFunction {
  if (typeof fn === 'function' && !isClass(fn)) return fn as AnyFunction;
  const message = 'only a function that returns a promise or an async iterable can be protected';
  throw new ConfigurationError(wrapperName, [{ path: '', message, received: fn }]);
}

/** The operation's name where no policy gives one: the function's. */
export function nameOf({ name }: AnyFunction): DerivedName {
  return { name: name || 'anonymous', identifier: name };
}

export function subjectOf(wrapperName: string, fn: AnyFunction): string {
  return `${wrapperName}(${fn.name || 'anonymous'})`;
}
