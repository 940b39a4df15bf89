import { KeyedStates } from './keyed-states';
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

/** A state for each key. */
class Partitions<S extends Partition> implements StateSource<S> {
  readonly #states: KeyedStates<S>;

  constructor(
    private readonly operation: string,
    private readonly keyOf: KeyFunction,
    maxKeys: number,
    create: (key: string | undefined) => S,
  ) {
    this.#states = new KeyedStates({ operation, noun: 'limit', maxKeys, create, isIdle: (state) => state.isIdle });
  }

  stateFor(self: unknown, args: Args): S {
    return this.#states.get(keyOfCall(this.keyOf, this.operation, self, args));
  }

  [Symbol.iterator](): Iterator<S> {
    return this.#states[Symbol.iterator]();
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
