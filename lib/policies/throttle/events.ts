import type { BaseEvent } from '../../core/events';

/** A call was throttled. */
export interface ThrottleEvent extends BaseEvent {
  readonly type: 'throttle';
  readonly callId?: number;
  /** From 1. */
  readonly attempt: number;
  /** How probable that was, from 0 to 1. */
  readonly probability: number;
  readonly key?: string;
}

export type ThrottleEvents = { throttle: ThrottleEvent };
