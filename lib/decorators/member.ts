import type { AnyFunction } from '../core/call';
import { nameOf } from '../core/thrown';

export type Class = AnyFunction;

/** `download`, `#private` (which standard decorators name so), or a symbol's description. */
export function memberLabel(key: string | symbol): string {
  return typeof key === 'symbol' ? (key.description ?? 'symbol') : key;
}

/** An operation's name from its class and member; anonymous classes have a label too. */
export function operationName(owner: Class, key: string | symbol): string {
  return `${nameOf(owner) || 'anonymous'}.${memberLabel(key)}`;
}

/** The class of a prototype; of a static member's home, which is the class itself. */
export function classOf(home: object, isStatic: boolean): Class | undefined {
  const found: unknown = isStatic ? home : home.constructor;
  return typeof found === 'function' ? (found as Class) : undefined;
}

/** What is known of each member of each class: by its prototype, or by the class itself for static members. */
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
