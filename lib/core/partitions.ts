import { keyOfCall, type KeyFunction } from './keys';
import type { Args } from './runner';

/** What a policy keeps for each key. */
export interface Partition {
  /** Whether dropping it would change nothing that anybody notices. */
  readonly isIdle: boolean;
}

/** Finds the state that a policy keeps for a call; as a list, all that it keeps. */
export interface StateSource<S> extends Iterable<S> {
  /** @throws {@link ConfigurationError} when the call has no key. */
  stateFor(self: unknown, args: Args): S;
}

/** At how many states a call looks for one to drop. */
const MOST_LOOKS = 16;

/** One state for all calls. */
class SingleState<S> implements StateSource<S> {
  constructor(private readonly state: S) {}

  stateFor(): S {
    return this.state;
  }

  *[Symbol.iterator](): Iterator<S> {
    yield this.state;
  }
}

/**
 * A state for each key. Bounded: for room, the least recently used idle one goes; when none is idle, new keys share one
 * state rather than growing without bound.
 */
class Partitions<S extends Partition> implements StateSource<S> {
  /** In order of last use, the longest unused first. */
  readonly #states = new Map<string, S>();
  #newest: string | undefined;
  #overflow: S | undefined;

  constructor(
    private readonly operation: string,
    private readonly keyOf: KeyFunction,
    private readonly maxKeys: number,
    /** @param key - Undefined for the state that keys without one of their own share. */
    private readonly make: (key: string | undefined) => S,
  ) {}

  stateFor(self: unknown, args: Args): S {
    const key = keyOfCall(this.keyOf, this.operation, self, args);
    let state = this.#states.get(key);
    if (state === undefined) {
      if (!this.#makeRoom()) return (this.#overflow ??= this.make(undefined));
      state = this.make(key);
      this.#newest = undefined;
    }
    // Moving a key to the end costs more than the policy itself: calls for the same key, one after the other, need it once.
    if (key === this.#newest) return state;
    this.#states.delete(key);
    this.#states.set(key, state);
    this.#newest = key;
    return state;
  }

  *[Symbol.iterator](): Iterator<S> {
    yield* this.#states.values();
    if (this.#overflow !== undefined) yield this.#overflow;
  }

  #makeRoom(): boolean {
    if (this.#states.size < this.maxKeys) return true;
    let looks = 0;
    for (const [key, state] of this.#states) {
      this.#states.delete(key);
      if (state.isIdle) return true;
      // It is in use: the next call looks at others. With keys that strangers choose, to look at all would be an attack.
      this.#states.set(key, state);
      if (++looks === MOST_LOOKS) break;
    }
    return false;
  }
}

/** One state for all calls, or one for each key. */
export function stateSource<S extends Partition>(
  { key, maxKeys }: { readonly key?: KeyFunction | undefined; readonly maxKeys: number },
  operation: string,
  make: (key: string | undefined) => S,
): StateSource<S> {
  return key === undefined ? new SingleState(make(undefined)) : new Partitions(operation, key, maxKeys, make);
}
