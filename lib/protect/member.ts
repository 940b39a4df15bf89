import type { AnyFunction } from '../core/call';
import { ConfigurationError } from '../core/errors';
import { hintAtNoFunction, nameOf, propertyOf } from '../core/safe-inspect';
import type { DerivedName } from '../registry/site';
import type { Pipeline } from './pipeline';
import { asWrapper, getters, wrap } from './wrapper';

export type Class = AnyFunction;

/** `download`, `#private` (which standard decorators name so), or a symbol's description. */
export function memberLabel(key: string | symbol): string {
  return typeof key === 'symbol' ? (key.description ?? 'symbol') : key;
}

/** An operation's name from its class and member; anonymous classes have a label too. */
export function operationName(owner: Class, key: string | symbol): string {
  return derivedName(owner, key).name;
}

/**
 * The same, with what the compiler has of it. A class that has a `static operationName` says itself what it is called; one that inherits it
 * does not, for its methods are other operations.
 *
 * @param writtenName - The class's name when its members were decorated, where that is known.
 */
export function derivedName(owner: Class, key: string | symbol, writtenName = ''): DerivedName {
  const said = Object.hasOwn(owner, 'operationName') ? propertyOf(owner, 'operationName') : undefined;
  if (typeof said === 'string' && said !== '') return { name: `${said}.${memberLabel(key)}`, identifier: undefined };
  const identifier = classNameOf(owner, writtenName);
  return { name: `${identifier || 'anonymous'}.${memberLabel(key)}`, identifier };
}

/** The name that `mixin()` of Nest gives a class: another one at each start, that injection needs and nobody reads. */
const MIXIN_NAME = /^[0-9a-f]{21}$/;

/** The name of a class as it is written. A class may have been renamed since its members were decorated. */
function classNameOf(owner: Class, writtenName: string): string {
  const name = nameOf(owner);
  return MIXIN_NAME.test(name) ? writtenName : name;
}

/** The class of a prototype; of a static member's home, which is the class itself. */
export function classOf(home: object, isStatic: boolean): Class | undefined {
  const found: unknown = isStatic ? home : home.constructor;
  return typeof found === 'function' ? (found as Class) : undefined;
}

/** Wraps a method. The original is its prototype: other decorators may attach more to that later. */
export function wrapMember(pipeline: Pipeline, original: AnyFunction): AnyFunction {
  return withGetters(wrap(pipeline, original, original));
}

/** Makes a wrapper of a member, see {@link wrapMember}, of a function that is there already. */
export function asMemberWrapper(wrapper: AnyFunction, pipeline: Pipeline, original: AnyFunction): AnyFunction {
  return withGetters(asWrapper(wrapper, pipeline, original, original));
}

function withGetters(wrapper: AnyFunction): AnyFunction {
  return Object.defineProperties(wrapper, getters);
}

/** A value for each member of each class: by its prototype, or by the class itself for static members. */
export class MemberMap<T> {
  readonly #byOwner = new WeakMap<object, Map<string | symbol, T>>();

  get(owner: object, key: string | symbol): T | undefined {
    return this.#byOwner.get(owner)?.get(key);
  }

  set(owner: object, key: string | symbol, value: T): void {
    const members = this.#byOwner.get(owner) ?? new Map<string | symbol, T>();
    this.#byOwner.set(owner, members.set(key, value));
  }
}

const ALLOWED =
  'it protects methods that return a promise or an async iterable, and (standard decorators only) fields that hold such a function';

/** The error for a decorator on something it cannot protect. */
export function misuse(subject: string, what: string, received: unknown): ConfigurationError {
  return new ConfigurationError(subject, [{ path: '', message: `${what} cannot be protected; ${ALLOWED}${hintAtNoFunction(received)}`, received }]);
}
