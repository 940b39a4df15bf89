import { BreakerBoxError, nameErrorClass } from '../core/errors';
import { propertyOf } from '../core/safe-inspect';

/** What is at a name: text, and its revision. Each write has another revision, which the writer chooses: printable ASCII without spaces. */
export interface Stored {
  readonly revision: string;
  readonly value: string;
}

/** What every answer tells of the store. */
export interface StoreMoment {
  /** The store's clock: epoch milliseconds, with a fraction where it has one. */
  readonly now: number;
  /** Which run of which server answered: another one may lack what was written last. `''` where there is but one, which loses nothing unnoticed. */
  readonly server: string;
}

export interface Reading extends StoreMoment {
  /** What is at the names, in their order; undefined: nothing. */
  readonly stored: readonly (Stored | undefined)[];
}

export interface Written extends StoreMoment {
  /** Whether it was written. */
  readonly done: boolean;
  /** What is there, where it was not written; undefined: nothing, or that it was written. */
  readonly stored: Stored | undefined;
}

/** What must hold when a record is written. The store looks at all of it in the one step that writes. */
export interface Expected {
  /** What the record has; `''`: there is none. */
  readonly revision: string;
  /** The run of the server that told of the revision: another one may lack what was decided since. */
  readonly server: string;
  /** By the store's clock, in epoch milliseconds: later than that, its sender has gone on without it. A client's queue may hold a command for long. */
  readonly notAfter: number;
}

/**
 * Keeps the records of breakers that a fleet of processes shares. It knows nothing of breakers: processes read records, decide by the same rules,
 * and replace a record if nobody else has done so meanwhile.
 *
 * No call that may run waits for it, and it may fail in any way: each process goes on with its own breaker then.
 *
 * Names have at most 200 characters: letters, digits and `-_.!~*'()%=/`.
 */
export interface FleetStore {
  /**
   * Names the shard of a record. The records of one shard are read by one command, and are out of reach together, as those on a node of a cluster.
   *
   * @defaultValue all records are in one shard
   */
  shardOf?(name: string): string;
  /**
   * Reads records of one shard.
   *
   * Rejects with a {@link StoreRefusalError} when the server answered with an error: then the records alone are blamed. Any other error, as no answer,
   * means that the shard is out of reach.
   */
  read(names: readonly string[]): Promise<Reading>;
  /**
   * Replaces a record if all is as `expected`, in one step; and then tells subscribers.
   *
   * @param next - Undefined: deletes it.
   * @param lastsMs - How long it must be kept; then it may be forgotten. Milliseconds, ≥ 1.
   * @returns Rejects as {@link read} does.
   */
  compareAndSet(name: string, expected: Expected, next: Stored | undefined, lastsMs: number): Promise<Written>;
  /** Keeps what a process says of itself, in place of what it said before, for `lastsMs` milliseconds. */
  announce(process: string, value: string, lastsMs: number): Promise<void>;
  /** What processes say of themselves, by process, as long as it lasts. */
  members(): Promise<ReadonlyMap<string, string>>;
  /**
   * Tells of writes of all processes, this one included: `name revision`, with the new revision, `''` after a deletion. Hints, which may be lost, late or forged: who hears one
   * reads the record. A store without it is read at every poll interval only.
   *
   * @returns A function that ends it.
   */
  subscribe?(listener: (message: string) => void): () => void;
}

/** Messages of a store are at most this long. A longer one is dropped, and nothing of it is parsed. */
export const LONGEST_MESSAGE = 1024;

/** The server of a store answered with an error. The other records may be usable. */
export class StoreRefusalError extends Error {
  override readonly name = 'StoreRefusalError';
}

/** Whether an error is one; by its name, for a store may be of another copy of the package. */
export function isRefusal(error: unknown): error is StoreRefusalError {
  return propertyOf(error, 'name') === 'StoreRefusalError';
}

/** An operator's act for all processes did not reach the store, or not for sure. */
export class StoreUnavailableError extends BreakerBoxError {
  readonly code = 'BREAKER_STORE';
}

nameErrorClass(StoreUnavailableError, 'StoreUnavailableError');
