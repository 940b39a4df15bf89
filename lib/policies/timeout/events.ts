import type { BaseEvent } from '../../core/events';

/** An attempt did not settle in its time. */
export interface TimeoutEvent extends BaseEvent {
  readonly type: 'timeout';
  readonly callId?: number;
  /** From 1. */
  readonly attempt: number;
  /** The time it was given, in milliseconds. */
  readonly timeout: number;
}

export type TimeoutEvents = { timeout: TimeoutEvent };
