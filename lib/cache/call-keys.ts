import { type Args, receiverOf } from '../core/call';
import { ignoreRejection, isThenable } from '../core/call-safely';
import type { KeyFunction } from '../core/keyed-states';
import { asText, cut, nameOf } from '../core/safe-inspect';
import { warnOnce } from '../core/warn';
import type { ResolvedCacheOptions } from './options';

/**
 * Names the results of calls: by a function of the user's, or by receiver and arguments, so that one instance's data never
 * serves another.
 */
export class CallKeys {
  /** A number for each receiver, which a key can hold without holding the receiver itself. */
  readonly #receivers = new WeakMap<object, number>();
  #lastReceiver = 0;
  readonly #options: ResolvedCacheOptions;

  constructor(options: ResolvedCacheOptions) {
    this.#options = options;
  }

  /** The key of a call of an operation; undefined when it has none, and cannot be cached. */
  of(operation: string, self: unknown, args: Args): string | undefined {
    const receiver = receiverOf(self);
    const { key: custom, group } = this.#options;
    try {
      if (custom !== undefined) return customKey(custom, receiver, args);
      const key = `${this.#textOfReceiver(receiver)}(${textOfAll(args)})`;
      // A group serves several operations.
      return group === undefined ? key : textOf(operation) + key;
    } catch (thrown) {
      if (__DEV__) this.skipped(operation, thrown === NOT_PLAIN ? `its arguments hold ${NOT_PLAIN.what}; give it a \`key\`` : cut(asText(thrown), 200));
      return undefined;
    }
  }

  /** Warns a developer, once, that a call was not cached. */
  skipped(operation: string, why: string): void {
    if (__DEV__) warnOnce(this.#options, 'BREAKER_BOX_CACHE_SKIPPED', `A call of ${operation} was not cached: ${why}`);
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
  ignoreRejection(key);
  throw new TypeError(__DEV__ ? `its key function must return a string${isThenable(key) ? ' at once, not a promise' : ''}` : 'key');
}

/** Thrown for what cannot be part of a key. One object, known by its identity: whatever a getter throws cannot pass for it. */
const NOT_PLAIN = { what: '' };

function notPlain(what: string | false): never {
  NOT_PLAIN.what = what || '';
   
  throw NOT_PLAIN;
}

/**
 * A text for plain data: the same for equal data, another one for any other. Unlike JSON it does not depend on the order of
 * names, and tells apart `undefined`, `null` and what is missing, `NaN`, the infinities, and 0 from -0.
 *
 * Plain are strings, numbers, booleans, null, undefined, and arrays and objects of these. An object of a class is not:
 * what it is may be in fields that cannot be seen.
 *
 * @param around - The objects that it is a part of.
 * @throws `NOT_PLAIN`
 */
function textOf(value: unknown, around: readonly object[] = []): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'object' && value !== null) return composite(value, around);
  if (['function', 'symbol', 'bigint'].includes(typeof value)) notPlain(__DEV__ && `a ${typeof value}`);
  return Object.is(value, -0) ? '-0' : String(value);
}

/** The text of a list of arguments. */
export function textOfAll(args: readonly unknown[]): string {
  return args.map((one) => textOf(one)).join(',');
}

function composite(value: object, around: readonly object[]): string {
  if (around.includes(value)) notPlain(__DEV__ && 'an object that contains itself');
  const within = [...around, value];
  if (Array.isArray(value)) return `[${itemsOf(value).map((item) => textOf(item, within)).join()}]`;
  const fields = namesOf(value).map((name) => `${JSON.stringify(name)}:${textOf((value as Record<string, unknown>)[name], within)}`);
  return `{${fields.join()}}`;
}

/** The items of an array without holes, and without anything besides. */
function itemsOf(array: readonly unknown[]): readonly unknown[] {
  // Of any realm: the prototype of arrays is one itself, that of a class derived from it is not.
  if (!Array.isArray(Object.getPrototypeOf(array))) ofClass(array);
  const { length } = array;
  // Indices come first and in order: when the last index is in its place, all of them are there.
  const isFull = length === 0 || Object.keys(array)[length - 1] === String(length - 1);
  if (!isFull || Reflect.ownKeys(array).length !== length + 1) notPlain(__DEV__ && 'an array with holes, or with properties');
  return array;
}

/** The names of an object that has nothing else, in an order that is always the same. */
function namesOf(object: object): string[] {
  if (!isPlainObject(object)) ofClass(object);
  const names = Object.keys(object);
  if (Reflect.ownKeys(object).length !== names.length) notPlain(__DEV__ && 'an object with symbols, or with hidden properties');
  return names.sort();
}

/** Of any realm: its prototype is none, or one that has none and does what that of objects does. */
function isPlainObject(object: object): boolean {
  const prototype = Object.getPrototypeOf(object) as object | null;
  return prototype === null || (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'hasOwnProperty'));
}

function ofClass(object: object): never {
  return notPlain(__DEV__ && `an object of class ${nameOf((object as { constructor?: unknown }).constructor) || 'without a name'}`);
}
