import type { Outcome } from '../core/outcome';
import type { Attempt } from './admission';
import type { Epoch } from './epoch';
import type { BreakerEvents, TransitionReason } from './events';
import type { ResolvedBreakerOptions } from './options';

/** What an epoch and its permits know of the state machine they are part of. */
export interface Circuit {
  readonly operation: string;
  readonly options: ResolvedBreakerOptions;
  /** The current epoch. */
  readonly epoch: Epoch;
  /** Admitted attempts that have not settled. */
  inFlight: number;
  /** Consecutive failures of the closed period, or those that opened it and the failed probes since. */
  failureCount: number;
  successes: number;
  /** The current epoch, where a value is a success whatever it is, and only counts: in most breakers, most of the time. */
  readonly counting: Epoch | undefined;
  /** The current epoch, where attempts need no permit of their own: nobody listens to them, nothing asks how long they take. */
  readonly admitting: Epoch | undefined;
  /** Whether `classify` decides outcomes alone. */
  readonly classifies: boolean;
  readonly isDisabled: boolean;
  /** Whether slowness opened the circuit, which then a slow probe does not close. */
  readonly isOpenedBySlowness: boolean;

  /** Monotonic milliseconds, for how long attempts take. */
  now(): number;
  /** The time that states age by: how long the circuit is open, what a window holds. */
  ageNow(): number;
  /** The same for a window's record, from one clock: only a time window is worth a look at it. */
  windowNow(): number;
  isSlow(durationMs: number): boolean;
  judgeValue(value: unknown, attempt: Attempt | undefined, durationMs: number): Outcome;
  judgeError(error: unknown, attempt: Attempt | undefined, durationMs: number): Outcome;
  /**
   * Records how an attempt ended which `epoch` admitted.
   *
   * @returns What it counted as: `late`, when its epoch is over; undefined while the breaker is disabled.
   */
  record(epoch: Epoch | undefined, outcome: Outcome, error: unknown, slow: boolean): Outcome | 'late' | undefined;
  /** @param bySlowness - Whether calls were too slow then; a circuit that opens again keeps what it opened for. */
  open(reason: TransitionReason, bySlowness?: boolean): void;
  halfOpen(): void;
  close(reason: TransitionReason): void;
  /** Emits an event, which is built only when somebody listens. */
  notify<E extends keyof BreakerEvents>(type: E, details: () => EventDetails<E>): void;
}

/** What an event says besides what all events say. */
export type EventDetails<E extends keyof BreakerEvents> = Omit<BreakerEvents[E], 'type' | 'operation' | 'key' | 'at'>;
