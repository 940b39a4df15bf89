import type { AnyFunction } from '../core/call';

type Class = AnyFunction & { readonly prototype?: object };

/** `download`, `#private` (which standard decorators name so), or a symbol's description. */
export function memberLabel(key: string | symbol): string {
  return typeof key === 'symbol' ? (key.description ?? 'symbol') : key;
}

/** An operation's name from its class and member; anonymous classes have a label too. */
export function operationName(owner: Class, key: string | symbol): string {
  return `${owner.name === '' ? 'anonymous' : owner.name}.${memberLabel(key)}`;
}

/**
 * The class that declares a member, found from a receiver: the one on whose prototype (or, for a static member, on which)
 * the member is ours. A stranger's wrapper may hide ours; then it is the outermost class that has the member at all. A private
 * member cannot be found so: the receiver's own class must do.
 */
export function declaringClass(
  receiver: object,
  key: string | symbol,
  isStatic: boolean,
  isOurs: (value: unknown) => boolean,
): Class | undefined {
  let fallback: object | undefined;
  const start = isStatic ? receiver : (Object.getPrototypeOf(receiver) as object | null);
  for (let owner = start; owner !== null; owner = Object.getPrototypeOf(owner) as object | null) {
    const member = Object.getOwnPropertyDescriptor(owner, key);
    if (member === undefined) continue;
    if (isOurs(member.value)) return classOf(owner, isStatic);
    fallback = owner;
  }
  return classOf(fallback ?? start, isStatic);
}

function classOf(owner: object | null | undefined, isStatic: boolean): Class | undefined {
  const found: unknown = isStatic ? owner : (owner as { constructor?: unknown } | null | undefined)?.constructor;
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
