import type { PolicyEvent } from '../core/events';

/** An attempt did not settle in its time. */
export interface TimeoutEvent extends PolicyEvent<'timeout'> {
  /** The time it was given, in milliseconds. */
  readonly timeout: number;
}

export type TimeoutEvents = { timeout: TimeoutEvent };
