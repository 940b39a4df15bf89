import type { Args } from '../core/call';
import { disown, isThenable } from '../core/contained';
import type { KeyFunction } from '../core/keys';
import { receiverOf } from '../core/receiver';
import { asText, cut, nameOf } from '../core/thrown';
import { warnOnce } from '../core/warn';

/**
 * Names the results of calls: by a function of the user's, or by receiver and arguments, so that one instance's data never
 * serves another.
 */
export class CallKeys {
  /** A number for each receiver, which a key can hold without holding the receiver itself. */
  readonly #receivers = new WeakMap<object, number>();
  #lastReceiver = 0;

  /**
   * @param site - What the one warning is about.
   * @param isGrouped - Whether several operations use it: the keys that it makes name theirs.
   */
  constructor(
    private readonly custom: KeyFunction | undefined,
    private readonly site: object,
    private readonly isGrouped: boolean,
  ) {}

  /** The key of a call of an operation; undefined when it has none, and cannot be cached. */
  of(operation: string, self: unknown, args: Args): string | undefined {
    const receiver = receiverOf(self);
    try {
      if (this.custom !== undefined) return customKey(this.custom, receiver, args);
      const key = `${this.#textOfReceiver(receiver)}(${textOfAll(args)})`;
      return this.isGrouped ? textOf(operation) + key : key;
    } catch (thrown) {
      const what = NotPlain.whatOf(thrown);
      this.skipped(operation, what === undefined ? cut(asText(thrown), 200) : `its arguments hold ${what}; give it a \`key\``);
      return undefined;
    }
  }

  /** Warns, once, that a call was not cached. */
  skipped(operation: string, why: string): void {
    warnOnce(this.site, 'BREAKER_BOX_CACHE_SKIPPED', `A call of ${operation} was not cached: ${why}`);
  }

  #textOfReceiver(receiver: unknown): string {
    if ((typeof receiver !== 'object' || receiver === null) && typeof receiver !== 'function') return textOf(receiver);
    let number = this.#receivers.get(receiver);
    if (number === undefined) this.#receivers.set(receiver, (number = ++this.#lastReceiver));
    return `#${number}`;
  }
}

function customKey(keyOf: KeyFunction, receiver: unknown, args: Args): string {
  const key: unknown = keyOf.apply(receiver, args as unknown[]);
  if (typeof key === 'string') return key;
  disown(key);
  throw new TypeError(`its key function must return a string${isThenable(key) ? ' at once, not a promise' : ''}`);
}

/** What a value holds that has no text of its own: it cannot be part of a key. */
export class NotPlain {
  readonly #what: string;

  constructor(what: string) {
    this.#what = what;
  }

  /** What a thrown value says of it; undefined for any other. Not by `instanceof`, which a value that a getter threw can answer by a throw. */
  static whatOf(thrown: unknown): string | undefined {
    return typeof thrown === 'object' && thrown !== null && #what in thrown ? thrown.#what : undefined;
  }
}

/**
 * A text for plain data: the same for equal data, another one for any other. Unlike JSON it does not depend on the order of
 * names, and tells apart `undefined`, `null` and what is missing, `NaN`, the infinities, and 0 from -0.
 *
 * Plain are strings, numbers, booleans, null, undefined, and arrays and objects of these. An object of a class is not:
 * what it is may be in fields that cannot be seen.
 *
 * @throws {@link NotPlain}
 */
export function textOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? composite(value, []) : primitive(value);
}

/** The text of a list of arguments. */
export function textOfAll(args: readonly unknown[]): string {
  return args.map(textOf).join(',');
}

function primitive(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'boolean':
    case 'undefined':
      return String(value);
    default:
      if (value === null) return 'null';
      throw new NotPlain(`a ${typeof value}`);
  }
}

/** @param around - The objects that it is a part of. */
function composite(value: object, around: readonly object[]): string {
  if (around.includes(value)) throw new NotPlain('an object that contains itself');
  const within = [...around, value];
  const text = (part: unknown): string =>
    typeof part === 'object' && part !== null ? composite(part, within) : primitive(part);
  if (Array.isArray(value)) return `[${itemsOf(value).map(text).join(',')}]`;
  const fields = namesOf(value).map((name) => `${JSON.stringify(name)}:${text((value as Record<string, unknown>)[name])}`);
  return `{${fields.join(',')}}`;
}

/** The items of an array without holes, and without anything besides. */
function itemsOf(array: readonly unknown[]): readonly unknown[] {
  // Of any realm: the prototype of arrays is one itself, that of a class derived from it is not.
  if (!Array.isArray(Object.getPrototypeOf(array))) throw new NotPlain(`an object of class ${classOf(array)}`);
  const { length } = array;
  // Indices come first and in order: when the last index is in its place, all of them are there.
  const isFull = length === 0 || Object.keys(array)[length - 1] === String(length - 1);
  if (!isFull || Reflect.ownKeys(array).length !== length + 1) throw new NotPlain('an array with holes, or with properties');
  return array;
}

/** The names of an object that has nothing else, in an order that is always the same. */
function namesOf(object: object): string[] {
  if (!isPlainObject(object)) throw new NotPlain(`an object of class ${classOf(object)}`);
  const names = Object.keys(object);
  if (Reflect.ownKeys(object).length !== names.length) throw new NotPlain('an object with symbols, or with hidden properties');
  return names.sort();
}

/** Of any realm: its prototype is none, or one that has none and does what that of objects does. */
function isPlainObject(object: object): boolean {
  const prototype = Object.getPrototypeOf(object) as object | null;
  return prototype === null || (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'hasOwnProperty'));
}

function classOf(object: object): string {
  const { constructor } = object as { constructor?: unknown };
  return nameOf(constructor) || 'without a name';
}
