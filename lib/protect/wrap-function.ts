import type { AnyFunction } from '../core/call';
import { invalid } from '../core/errors';
import { isClass, hintAtNoFunction, nameOf } from '../core/safe-inspect';
import type { Policy } from '../core/policy';
import { pipelineFor } from './protect';
import { wrap } from './wrapper';
import { placeOf } from '../registry/place';
import type { DerivedName } from '../registry/site';
import type { ProtectedFunction } from './wrapper-types';

/**
 * Wraps a function with policies, outermost first, and registers its operation.
 *
 * @param called - The function of ours that the program called.
 */
export function wrapFunction<F>(called: AnyFunction, wrapperName: string, fn: F, policies: readonly Policy[]): ProtectedFunction<F> {
  const original = functionOnly(wrapperName, fn);
  const subject = subjectOf(wrapperName, original);
  const pipeline = pipelineFor(policies, { fn: original, subject, derive: () => derivedName(original), place: placeOf(called, original) });
  pipeline.site.register();
  return wrap(pipeline, original) as ProtectedFunction<F>;
}

/** @throws {@link ConfigurationError} when `fn` is no function, or a class. */
export function functionOnly(wrapperName: string, fn: unknown, what = __DEV__ ? 'function that returns a promise or an async iterable' : ''): AnyFunction {
  if (typeof fn === 'function' && !isClass(fn)) return fn as AnyFunction;
  throw invalid(wrapperName, '', fn, __DEV__ && `only a ${what} can be protected${hintAt(fn)}`);
}

function hintAt(given: unknown): string {
  return given === undefined ? '; undefined was given: see whether it is imported by the name it has' : hintAtNoFunction(given);
}

/** The operation's name where no policy gives one: the function's. */
export function derivedName(fn: AnyFunction): DerivedName {
  const identifier = nameOf(fn);
  return { name: identifier || 'anonymous', identifier };
}

export function subjectOf(wrapperName: string, fn: AnyFunction): string {
  return `${wrapperName}(${nameOf(fn) || 'anonymous'})`;
}
