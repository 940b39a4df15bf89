import type { Args } from '../core/call';
import { disown, isThenable } from '../core/contained';
import type { KeyFunction } from '../core/keys';
import { receiverOf } from '../core/receiver';
import { asText, cut } from '../core/thrown';
import { warnOnce } from '../core/warn';
import { NotPlain, textOf, textOfAll } from './plain-data';

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
