import type { PolicyEvent } from '../core/events';

/** A call was held back. */
export interface ThrottleEvent extends PolicyEvent<'throttle'> {
  /** How probable that was, from 0 to 1. */
  readonly probability: number;
}

export type ThrottleEvents = { throttle: ThrottleEvent };
