import type { BaseEvent, EventTypes } from '../core/observers';
import type { TransitionReason } from './reasons';

/** The states of a circuit: calls pass; calls are rejected; a few calls try whether the dependency is back. */
export type BreakerState = 'closed' | 'open' | 'half_open';

/** The kinds of override that an operator can put in front of a breaker's state. */
export type OverrideKind = 'forced_open' | 'disabled' | 'shadow';

interface BreakerEvent<T extends string> extends BaseEvent {
  readonly type: T;
}

/** The time from a circuit's opening to its closing, with all reopenings in between. */
export interface Outage {
  /** Milliseconds. */
  readonly duration: number;
  /** Attempts that the breaker rejected meanwhile. */
  readonly rejected: number;
}

export interface TransitionEvent extends BreakerEvent<'transition'> {
  readonly from: BreakerState;
  readonly to: BreakerState;
  /** In place of `trip` and `trip_rule`: the text that `trip`, or the rule, gave. */
  readonly reason: TransitionReason | (string & {});
  /** `trip` did it, so `reason` may be any text. */
  readonly tripped?: true;
  /** What is over now, when the circuit closes; absent else, and when a snapshot closed it. */
  readonly outage?: Outage;
}

export interface RejectEvent extends BreakerEvent<'reject'> {
  readonly state: 'open' | 'half_open';
  /** Milliseconds until the next probe. */
  readonly retryAfter: number;
  readonly callId?: number;
  readonly attempt?: number;
}

/** How an attempt ended, or (`probe`) that one began in `half_open`. */
export interface AttemptEvent<T extends string> extends BreakerEvent<T> {
  /** Milliseconds the attempt took; 0 for `probe`. */
  readonly duration: number;
  readonly value?: unknown;
  readonly error?: unknown;
  /** The call that the attempt belongs to; absent for permits taken by hand. */
  readonly callId?: number;
  readonly attempt?: number;
  /** `shadow` let through a call that the breaker would have rejected. */
  readonly wouldReject?: true;
}

/** An attempt whose result came when the state that admitted it was over. */
export interface LateEvent extends Omit<AttemptEvent<'late'>, 'duration'> {
  /** Milliseconds the attempt took; absent when nobody listened to attempts when it began. */
  readonly duration?: number;
}

export interface OverrideEvent extends BreakerEvent<'override'> {
  /** The new override; undefined when it was cleared. */
  readonly override: OverrideKind | undefined;
  /** Milliseconds it lasts; absent when it lasts until it is cleared. */
  readonly for?: number;
  readonly reason?: string;
}

/** The events of a breaker, by type. */
export type BreakerEvents = {
  transition: TransitionEvent;
  reject: RejectEvent;
  success: AttemptEvent<'success'>;
  failure: AttemptEvent<'failure'>;
  ignored: AttemptEvent<'ignored'>;
  late: LateEvent;
  probe: AttemptEvent<'probe'>;
  override: OverrideEvent;
};

/** Those about single attempts are hot: listening to one makes every attempt be timed. */
export const BREAKER_EVENTS: EventTypes<BreakerEvents> = {
  transition: false,
  reject: false,
  success: true,
  failure: true,
  ignored: true,
  late: true,
  probe: true,
  override: false,
};

/** The fields of one kind of event, without those that all events have. */
export type EventDetails<E extends keyof BreakerEvents> = Omit<BreakerEvents[E], 'type' | 'operation' | 'key' | 'at'>;
