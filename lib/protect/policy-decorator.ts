import type { AnyFunction } from '../core/call';
import { ConfigurationError } from '../core/errors';
import { isClass, nameOf } from '../core/safe-inspect';
import type { Policy } from '../core/policy';
import { placeOf } from '../registry/place';
import { decorateLegacy } from './legacy';
import { misuse } from './member';
import { decorateStandard } from './standard';
import type { Context } from './standard-member';
import type { PoliciesFor } from './decorator-types';

/**
 * Makes a decorator that works by both standards, as its call tells: two arguments and more are a member to decorate, a
 * context with a `kind` makes it the standard kind; anything else are options.
 *
 * @param label - As errors name it: `@Retry`.
 * @param toPolicies - The policies for what was given; undefined when it is used bare.
 * @param isBare - Whether it may be used without parentheses.
 * @param takesFunction - Whether one function is its options in short. A class is none.
 */
export function policyDecorator<D>(
  label: string,
  toPolicies: (given: unknown, subject: string, isStream?: boolean) => readonly Policy[],
  isBare: boolean,
  takesFunction = false,
): D {
  const bare: PoliciesFor = (subject) => {
    if (isBare) return toPolicies(undefined, subject);
    const message = 'has no default: it must be called with its options';
    throw new ConfigurationError(subject, [{ path: '', message, received: undefined }]);
  };
  const decorator = (...args: unknown[]): unknown => {
    const [given] = args;
    const isMember = args.length >= 2 || (typeof given === 'function' && !(takesFunction && !isClass(given)));
    if (isMember) return decorate(label, bare, args, decorator);
    const decorateMember = (...member: unknown[]): unknown =>
      decorate(label, (subject, isStream) => toPolicies(given, subject, isStream), member, decorateMember);
    return decorateMember;
  };
  return decorator as D;
}

/** Decorates a member, by the standard that the arguments tell. @param called - The function of ours that the program, or its compiler, called. */
function decorate(label: string, policiesFor: PoliciesFor, [target, key, descriptor]: readonly unknown[], called: AnyFunction): unknown {
  if (isContext(key)) return decorateStandard(label, policiesFor, target, key, placeOf(called));
  if (typeof key === 'string' || typeof key === 'symbol') {
    return decorateLegacy(label, policiesFor, target as object, key, descriptor, placeOf(called));
  }
  if (isClass(target)) throw misuse(`${label} on class ${nameOf(target)}`, 'a class', target);
  throw misuse(label, 'this', target);
}

function isContext(value: unknown): value is Context {
  return typeof value === 'object' && value !== null && typeof (value as Partial<Context>).kind === 'string';
}
