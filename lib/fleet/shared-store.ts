import { propertyOf } from '../core/safe-inspect';
import type { BreakerState, OverrideKind } from '../breaker/events';

/**
 * Keeps the state of breakers that several processes share. It carries out one command at a time on one breaker, wholly or
 * not at all, by its own clock: what a command does is `reduce`, whatever the engine. A plain get/set store cannot serve.
 *
 * It is never waited for by a call that may run, and may fail in any way: each process goes on with its own breaker then.
 */
export interface SharedStore {
  /**
   * Carries out a command on the record of a breaker.
   *
   * @param breaker - Names the record: at most 200 characters, of which the store need know nothing: letters, digits and `-_.!~*'()%=/`.
   * @returns What the breaker is like afterwards. Rejects when the store does not answer, or cannot; with {@link SharedRecordError}
   *   when this one record cannot be used and others can.
   */
  apply(breaker: string, command: Command): Promise<Answer>;
  /**
   * Listens to transitions of all breakers, in all processes, this one included. A hint, which may be lost, late or forged: who gets one
   * asks the store. Where a store has no such thing, processes learn of transitions at their next poll.
   *
   * @returns A function that ends it.
   */
  subscribe(listener: (change: unknown) => void): () => void;
}

/** What a store tells its subscribers of a transition. */
export interface Change {
  /** The version of the schema. */
  readonly v: 1;
  readonly breaker: string;
  readonly epoch: number;
  /** It is the override that has changed, and the epoch is the same. */
  readonly override?: true;
}

/** The state of a breaker that a store has confirmed, as a process remembers it. A store that has lost it takes it from there. */
export interface Confirmed {
  /** 0: none yet. */
  readonly epoch: number;
  readonly state: BreakerState;
  /** Milliseconds that it stays open yet; {@link FOREVER}: until somebody closes it. */
  readonly remaining: number;
  /** How often it has opened again since it was last closed. */
  readonly reopenings: number;
  /** What an operator laid over the breaker in all processes. */
  readonly override?: FleetOverride | undefined;
}

export interface FleetOverride {
  readonly kind: OverrideKind;
  /** Milliseconds that it lasts yet; {@link FOREVER}: until it is cleared. */
  readonly remaining: number;
  readonly reason?: string | undefined;
}

/** Milliseconds that never pass. Not `Infinity`, which JSON does not have. */
export const FOREVER = 1e15;

/** What every command says of its sender. Times are milliseconds, and relative, so that the clocks of processes do not matter. */
export interface Sender {
  readonly process: string;
  /** The last state that the sender had confirmed. */
  readonly seen: Confirmed;
  /** How long the sender counts as alive when it sends nothing more. */
  readonly alive: number;
  /** How long a probe slot lasts that is not renewed. */
  readonly lease: number;
  /** When it was sent, by the store's clock as the sender knows it; absent before the first answer. A `vote`, `report`, `acquire` or `force` that is older than two seconds is not done. */
  readonly at?: number | undefined;
}

/** A command older than that lay in a queue while its store was away: the sender has gone on without it. */
export const STALE_MS = 2000;

/** How many of the live processes must vote. */
export interface Quorum {
  readonly min: number;
  readonly ratio: number;
}

/** What a process has counted since its last report. */
export interface Counts {
  readonly calls: number;
  readonly failures: number;
  readonly slow: number;
  /** Those of the failures that no success has followed. */
  readonly streak: number;
}

/** When pooled counts open the breaker: on a streak of failures, or on the rates of a window. */
export type Limits =
  | { readonly failureThreshold: number }
  | {
      readonly window: 'count' | 'time';
      /** Calls, or milliseconds. */
      readonly size: number;
      readonly minimumCalls: number;
      readonly failureRate: number;
      /** Above 1: never. */
      readonly slowRate: number;
    };

/** What a process tells of its breaker now and then. */
interface Introduction {
  /** What it is set to, as text. */
  readonly settings?: string | undefined;
  /** The operation, where the name of the record does not tell it. */
  readonly name?: string | undefined;
}

/**
 * - `get`: asks, and tells that the sender is alive.
 * - `vote`: the sender's own breaker has opened; so does that of the fleet when enough say so. For the present epoch only.
 * - `report`: adds to the pooled counts, which may open the breaker. For the present epoch only.
 * - `acquire`: asks for a probe slot; an open breaker whose time has passed becomes half open.
 * - `renew`, `release`: keeps a slot, gives it back.
 * - `result`: how the probe of a slot ended. Without its slot, it changes nothing; with it, it does so once, however often it is sent.
 * - `force`: an operator's act. `close` and `reset` take away the override as well.
 */
export type Command = Sender &
  (
    | (Introduction & { readonly kind: 'get' })
    | { readonly kind: 'vote'; readonly lasts: number; readonly openFor: number; readonly quorum: Quorum }
    | (Introduction & { readonly kind: 'report'; readonly counts: Counts; readonly limits: Limits; readonly openFor: number })
    | { readonly kind: 'acquire'; readonly slot: string; readonly probes: number; readonly successes: number }
    | { readonly kind: 'renew'; readonly slot: string }
    | { readonly kind: 'release'; readonly slot: string }
    | { readonly kind: 'result'; readonly slot: string; readonly success: boolean; readonly successes: number; readonly openFor: number }
    | { readonly kind: 'force'; readonly act: 'override'; readonly override: FleetOverride }
    | { readonly kind: 'force'; readonly act: 'clear' | 'close' | 'reset' }
  );

/** What a breaker is like after a command. */
export interface Answer extends Confirmed {
  /** Whether the command did what it is there for: the vote or report counted, the slot is there, the result counted, the act was carried out. */
  readonly done: boolean;
  /** Whether the store had lost the state, and took it from this command. */
  readonly restored: boolean;
  /** The store's clock: epoch milliseconds. */
  readonly now: number;
  /** Where no slot was given: milliseconds until there may be one. */
  readonly wait: number;
  /** Live processes. */
  readonly processes: number;
  /** Live processes whose vote counts. */
  readonly votes: number;
  /** What another live process has set its breaker to, when that differs. */
  readonly settings?: string | undefined;
  /** Whether an operator reset it, and nothing has happened since. */
  readonly reset: boolean;
}

/** The record of one breaker in a store cannot be used: something else is at its place. */
export class SharedRecordError extends Error {
  override readonly name = 'SharedRecordError';
}

/** Whether an error is one; by its name, for a store may be of another copy of the package. */
export function isRecordError(error: unknown): error is SharedRecordError {
  return propertyOf(error, 'name') === 'SharedRecordError';
}
