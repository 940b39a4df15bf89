import { receiverOf, type Args, type ArgsOf, type Call } from './call';
import { ignoreRejection, isThenable } from './call-safely';
import { optional } from './check';
import type { AgeClock } from './clock';
import { invalid, type ConfigurationError } from './errors';
import { fn, integer } from './options';
import type { Guard, Permit, Refusal } from './policy';
import { asText, cut } from './safe-inspect';
import { warnOnce } from './warn';

/** How many states an insertion looks at. With keys that strangers choose, to look at all of them would be an attack. */
const MOST_LOOKS = 16;

/** Of which states a {@link KeyedStates} is made. Read at each use: options may change. */
export interface KeyedStatesOptions<S> {
  readonly operation: string;
  /** The noun for a state in the warning, such as `breaker`. */
  readonly noun: string;
  readonly maxKeys: number;
  /** Milliseconds after which an unused key is dropped; needs an `age`. @defaultValue never */
  readonly idleMs?: number;
  readonly age?: AgeClock | undefined;
  /** @param key - Undefined for the state that keys without one of their own share. */
  create(this: void, key: string | undefined): S;
  /** Called once a new state is in its place. */
  created?(this: void, state: S): void;
  /** Whether to drop it loses nothing: it is not open, and no call is in flight. Times are those of `age`. */
  isIdle(this: void, state: S, usedAtMs: number, nowMs: number): boolean;
}

interface Entry<S> {
  readonly state: S;
  usedAtMs: number;
}

/**
 * A state for each key. Bounded: for room, the least recently used idle one goes; when none of those looked at is idle, new keys
 * share one state, with one warning. As an iterable: all states, the shared one last.
 */
export class KeyedStates<S> implements Iterable<S> {
  /** In order of last use, the longest unused first. */
  readonly #entries = new Map<string, Entry<S>>();
  #newest: Entry<S> | undefined;
  /** It has no key: any name for one could be a user's. */
  #overflow: S | undefined;

  constructor(private readonly options: KeyedStatesOptions<S>) {}

  /** The state of a key, made when it is not there; the shared one when there is no room for it. */
  get(key: string): S {
    const entry = this.#entries.get(key);
    if (entry === undefined) return this.#insert(key);
    const { age } = this.options;
    if (age !== undefined) entry.usedAtMs = age.quickNow();
    // Moving a key to the end costs more than a bulkhead itself: calls for the same key, one after the other, need it once.
    if (entry !== this.#newest) this.#append(key, entry);
    return entry.state;
  }

  /** The state of a key, if it has one of its own. Changes nothing. */
  find(key: string): S | undefined {
    return this.#entries.get(key)?.state;
  }

  /** The state that {@link get} would find. Changes nothing. */
  peek(key: string): S | undefined {
    const isFull = this.#entries.size >= this.options.maxKeys;
    return this.find(key) ?? (isFull ? this.#overflow : undefined);
  }

  /** Drops idle states beyond `maxKeys`, when that was lowered: it looks at all of them, as a call never does. */
  trim(): void {
    this.#makeRoom(this.options.age?.now() ?? 0, Infinity, this.options.maxKeys + 1);
  }

  /** Keys and their states, the longest unused first; without the shared one. */
  *entries(): IterableIterator<[string, S]> {
    for (const [key, { state }] of this.#entries) yield [key, state];
  }

  *[Symbol.iterator](): Iterator<S> {
    for (const { state } of this.#entries.values()) yield state;
    if (this.#overflow !== undefined) yield this.#overflow;
  }

  #insert(key: string): S {
    const { age, create, created } = this.options;
    const nowMs = age?.now() ?? 0;
    const hasRoom = this.#makeRoom(nowMs);
    if (!hasRoom) {
      this.#warn();
      if (this.#overflow !== undefined) return this.#overflow;
    }
    const state = create(hasRoom ? key : undefined);
    if (hasRoom) this.#append(key, { state, usedAtMs: nowMs });
    else this.#overflow = state;
    created?.(state);
    return state;
  }

  #append(key: string, entry: Entry<S>): void {
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    this.#newest = entry;
  }

  /** @returns Whether there is room for another key. */
  #makeRoom(nowMs: number, mostLooks = MOST_LOOKS, maxKeys = this.options.maxKeys): boolean {
    const { idleMs = Infinity, isIdle } = this.options;
    let looks = Math.min(mostLooks, this.#entries.size);
    for (const [key, entry] of this.#entries) {
      const isWanted = this.#entries.size < maxKeys && nowMs - entry.usedAtMs < idleMs;
      if (isWanted || looks-- === 0) break;
      // One that is in use goes to the end: the next insertion looks at others.
      if (isIdle(entry.state, entry.usedAtMs, nowMs)) this.#entries.delete(key);
      else this.#append(key, entry);
    }
    return this.#entries.size < maxKeys;
  }

  #warn(): void {
    const { operation, noun } = this.options;
    const size = this.#entries.size;
    const message = __DEV__ && `${operation} has ${size} keys, each with a ${noun} in use: further keys share one ${noun}; raise maxKeys if so many are in use`;
    warnOnce(this, 'BREAKER_BOX_KEYS', message || operation);
  }
}

/** Names the part of an operation, such as a host or a tenant, that a call belongs to. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type KeyFunction<F = any> = (...args: ArgsOf<F>) => string;

/** For policies that keep something apart for each key. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export interface KeyOptions<F = any> {
  /** The part of the operation (host, tenant, shard) that a call belongs to, from its arguments: each has a state of its own. @defaultValue one for all calls */
  key?: KeyFunction<F> | undefined;
  /** Keys whose state is kept; integer ≥ 1. For room, the least recently used idle one goes; while none is idle, new keys share one state. @defaultValue 1000 */
  maxKeys?: number | undefined;
}

export const keyOptions = {
  key: /* @__PURE__ */ optional(/* @__PURE__ */ fn<KeyFunction>()),
  maxKeys: /* @__PURE__ */ optional(/* @__PURE__ */ integer(1), 1000),
};

/** The key of a call. @throws {@link ConfigurationError} when the function throws, or gives no string. */
export function keyOfCall(keyOf: KeyFunction, operation: string, self: unknown, args: Args): string {
  let key: unknown;
  try {
    key = keyOf.apply(receiverOf(self), args as unknown[]);
  } catch (cause) {
    throw keyError(operation, __DEV__ && `the key function threw ${cut(asText(cause), 200)}`, undefined);
  }
  if (typeof key === 'string') return key;
  ignoreRejection(key);
  throw keyError(operation, __DEV__ && `the key function must return a string${isThenable(key) ? ' at once, not a promise' : ''}`, key);
}

function keyError(operation: string, problem: string | false, received: unknown): ConfigurationError {
  return invalid(`key of ${operation}`, 'key', received, problem, operation);
}

/** A guard that is the whole state of a policy, or of one key of it. */
export interface StateGuard extends Guard {
  /** Whether to drop it changes nothing that anybody notices. */
  readonly isIdle: boolean;
}

/** A guard for each key of a policy. */
export class KeyedGuard<G extends StateGuard> implements Guard, Iterable<G> {
  readonly #guards: KeyedStates<G>;
  readonly #keyOf: KeyFunction;
  /** The guard that did not admit the call which asks `deny` next: the key function is asked once for each attempt. */
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
