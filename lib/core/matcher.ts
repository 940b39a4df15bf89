import { when } from './check';
import { isBreakerBoxError } from './errors';
import { nameOf } from './safe-inspect';

/** A class of errors: a function whose prototype is or extends `Error.prototype`. */
export type ErrorClass = abstract new (...args: never[]) => Error;

/** Which errors: those of a class, of one of some classes, or those a predicate picks. */
export type ErrorMatcher = ErrorClass | readonly ErrorClass[] | ((error: unknown) => boolean);

export const errorMatcher = () =>
  when<ErrorMatcher>(
    (input) => typeof input === 'function' || (Array.isArray(input) && input.length > 0 && input.every(isErrorClass)),
    __DEV__ && 'must be an error class, a list of error classes, or a function (error) => boolean',
  );

/** The predicate that a matcher stands for. */
export function toPredicate(matcher: ErrorMatcher): (error: unknown) => boolean {
  if (isErrorClass(matcher)) return (error) => isOfClass(error, matcher);
  if (typeof matcher === 'function') return matcher;
  return (error) => matcher.some((errorClass) => isOfClass(error, errorClass));
}

function isErrorClass(input: unknown): input is ErrorClass {
  return typeof input === 'function' && namesAlong(input.prototype).includes('Error');
}

/**
 * By `instanceof`; by name for errors of another realm, such as Jest's, or of another copy of this package: their classes are not ours.
 * What cannot be looked at is of no class.
 */
function isOfClass(error: unknown, errorClass: ErrorClass): boolean {
  try {
    if (error instanceof errorClass) return true;
    if (typeof error !== 'object' || (error instanceof Error && !isBreakerBoxError(error))) return false;
    return (error as Error).name === errorClass.name || namesAlong(Object.getPrototypeOf(error)).includes(errorClass.name);
  } catch {
    return false;
  }
}

/** The names of the classes along a prototype chain. */
function namesAlong(proto: unknown): string[] {
  return typeof proto === 'object' && proto !== null ? [nameOf(proto.constructor), ...namesAlong(Object.getPrototypeOf(proto))] : [];
}
