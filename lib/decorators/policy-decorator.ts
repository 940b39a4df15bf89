import { ConfigurationError } from '../core/errors';
import type { Policy } from '../core/policy';
import { isClass } from '../wrap/wrap-function';
import { decorateLegacy } from './legacy';
import { misuse } from './misuse';
import { decorateStandard, type Context } from './standard';
import type { PolicyDecorator } from './types';

/**
 * Makes a decorator that works by both standards, as its call tells: two arguments and more are a member to decorate, a
 * context with a `kind` makes it the standard kind; anything else are options.
 *
 * @param label - As errors name it: `@Retry`.
 * @param toPolicies - The policies for what was given; undefined when it is used bare.
 * @param isBare - Whether it may be used without parentheses.
 */
export function policyDecorator<D>(label: string, toPolicies: (given: unknown, subject: string) => readonly Policy[], isBare: boolean): D {
  const apply = (given: unknown, member: readonly unknown[]): unknown => {
    const [target, key, descriptor] = member;
    if (isContext(key)) return decorateStandard(label, toPolicies(given, `${label} on ${String(key.name)}`), target, key);
    if (typeof key === 'string' || typeof key === 'symbol') {
      return decorateLegacy(label, toPolicies(given, `${label} on ${String(key)}`), target as object, key, descriptor);
    }
    throw misuse(isClass(target) ? `${label} on class ${(target as { name: string }).name}` : label, isClass(target) ? 'a class' : 'this', target);
  };
  const decorator = (...args: unknown[]): unknown => {
    if (args.length >= 2) {
      if (!isBare) throw new ConfigurationError(label, [{ path: '', message: 'has no default: it must be called with its options', received: undefined }]);
      return apply(undefined, args);
    }
    if (typeof args[0] === 'function') return apply(undefined, args);
    return ((...member: unknown[]) => apply(args[0], member)) as PolicyDecorator;
  };
  return decorator as D;
}

function isContext(value: unknown): value is Context {
  return typeof value === 'object' && value !== null && typeof (value as Partial<Context>).kind === 'string';
}
