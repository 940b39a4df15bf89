import type { Call, Args } from './call';
import { KeyedStates } from './keyed-states';
import { keyOfCall, type KeyFunction } from './keys';
import type { Guard, Permit, Refusal } from './policy';

/** A guard that is the whole state of a policy, or of one key of it. */
export interface StateGuard extends Guard {
  /** Whether to drop it changes nothing that anybody notices. */
  readonly isIdle: boolean;
}

/** A guard for each key of a policy. */
export class KeyedGuard<G extends StateGuard> implements Guard, Iterable<G> {
  readonly #guards: KeyedStates<G>;
  readonly #keyOf: KeyFunction;
  /** What did not admit the call that asks `deny` next: the key function is asked once for each attempt. */
  #denying!: G;

  constructor(keyOf: KeyFunction, maxKeys: number, operation: string, noun: string, create: (key: string | undefined) => G) {
    this.#keyOf = keyOf;
    this.#guards = new KeyedStates({ operation, noun, maxKeys, create, isIdle: (guard) => guard.isIdle });
  }

  admit(call: Call, self: unknown, args: Args): Permit | undefined {
    const guard = this.#guards.get(keyOfCall(this.#keyOf, call.operation, self, args));
    const permit = guard.admit(call, self, args);
    if (permit === undefined) this.#denying = guard;
    return permit;
  }

  deny(call: Call, self: unknown, args: Args): Refusal | Promise<Permit | Refusal> {
    return this.#denying.deny(call, self, args);
  }

  [Symbol.iterator](): Iterator<G> {
    return this.#guards[Symbol.iterator]();
  }
}

/**
 * One guard for all calls, or one for each key.
 *
 * @param noun - What a guard is, for the warning that there are too many keys.
 * @param create - Its key is undefined for all calls, and for the keys that share one guard.
 */
export function guardByKey<G extends StateGuard>(
  { key, maxKeys }: { readonly key?: KeyFunction | undefined; readonly maxKeys: number },
  operation: string,
  noun: string,
  create: (key: string | undefined) => G,
): G | KeyedGuard<G> {
  return key === undefined ? create(undefined) : new KeyedGuard(key, maxKeys, operation, noun, create);
}
