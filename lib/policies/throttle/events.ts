import type { BaseEvent } from '../../core/events';

/** A call was held back. */
export interface ThrottleEvent extends BaseEvent {
  readonly type: 'throttle';
  readonly callId?: number;
  /** From 1. */
  readonly attempt: number;
  /** How probable that was, from 0 to 1. */
  readonly probability: number;
}

export type ThrottleEvents = { throttle: ThrottleEvent };
