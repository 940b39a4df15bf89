import type { OverrideKind } from '../breaker/events';
import type { Counts, Limits } from './pooled-counts';
import type { Deadline, Record } from './record';

/** How many of the processes that take part must vote. */
export interface Quorum {
  readonly min: number;
  /** Of those that take part, 0–1. */
  readonly ratio: number;
}

/**
 * What a process wants to become of a record. Times are milliseconds.
 *
 * - `restore`: gives a store what it has lost. Each other command does so as well.
 * - `vote`: the process's own breaker has opened, for `lasts` yet. For the epoch that it knows only. A `lasts` of 0 takes the vote back.
 * - `report`: adds to the pooled counts. Counts of 0 ask whether it is decided that they open the breaker. For the epoch that it knows only.
 * - `acquire`: asks for a probe slot; an open breaker that is due becomes half open.
 * - `renew`: keeps a slot; `idle`: for the next call.
 * - `release`: gives a slot back.
 * - `result`: how the probe of a slot ended, which was given in the half-open period `epoch`. Counts once.
 * - `force`: an operator's act. `close` and `reset` take away the override as well.
 */
export type Command =
  | { readonly kind: 'restore' }
  | { readonly kind: 'vote'; readonly epoch: number; readonly lasts: number; readonly quorum: Quorum; readonly error?: string | undefined }
  | {
      readonly kind: 'report';
      readonly epoch: number;
      readonly counts: Counts;
      readonly limits: Limits;
      readonly openFor: number;
      /** How long the others have to object when the counts reach a limit: until all have heard of it. */
      readonly hearing: number;
      /** `since` of the pooled counts that the process knew when it began to count these. */
      readonly after?: number | undefined;
      readonly error?: string | undefined;
    }
  | { readonly kind: 'acquire'; readonly slot: string; readonly probes: number; readonly successes: number }
  | { readonly kind: 'renew'; readonly slot: string; readonly idle?: boolean | undefined }
  | { readonly kind: 'release'; readonly slot: string }
  | {
      readonly kind: 'result';
      readonly slot: string;
      readonly epoch: number;
      readonly success: boolean;
      readonly successes: number;
      readonly openFor: number;
      readonly error?: string | undefined;
    }
  | { readonly kind: 'force'; readonly act: 'override'; readonly override: NewOverride }
  | { readonly kind: 'force'; readonly act: 'clear' | 'close' | 'reset' };

/** An override to be laid over the breaker of all processes, for `lasts` milliseconds; `FOREVER`: until it is cleared. */
export interface NewOverride {
  readonly kind: OverrideKind;
  readonly lasts: number;
  readonly reason?: string | undefined;
}

/** Who sends a command, and what it knows. */
export interface Context {
  readonly process: string;
  /** The store's clock in microseconds: what it answered last, and the time since. */
  readonly nowMicros: number;
  /** The run of the server that gave the record. */
  readonly server: string;
  /** How long a probe slot lasts that is not renewed, in milliseconds. */
  readonly lease: number;
  /** How much later than now what this comes to may be written, in milliseconds. */
  readonly late: number;
  /** The newest record that the process has seen in the store. A store that has lost it takes it from there. */
  readonly seen?: Record | undefined;
  /** How many processes take part: for `vote`. Undefined: not known; the ratio and the bound of the quorum are left out then. */
  readonly participants?: number | undefined;
  /** The name of the breaker for people, where that of the record does not tell it. */
  readonly title?: string | undefined;
  /** Milliseconds until a deadline, as the process knows it. @defaultValue as if it saw it now */
  readonly left?: ((deadline: Deadline) => number) | undefined;
}

/** What a command comes to. */
export interface Reduced {
  /** The same object: there is nothing to write. Undefined: it need not be kept. */
  readonly record: Record | undefined;
  /** Whether the command did what it is there for: the vote or report counted, the slot is there, the result counted, the act was carried out. */
  readonly done: boolean;
  /** Whether the store had lost the state, and has it from this process again. */
  readonly restored: boolean;
  /** Where no slot was given: milliseconds until there may be one. */
  readonly wait: number;
}
