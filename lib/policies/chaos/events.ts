import type { BaseEvent } from '../../core/events';

/** Something was done to an attempt on purpose. */
export interface ChaosEvent extends BaseEvent {
  readonly type: 'chaos';
  readonly callId?: number;
  /** From 1. */
  readonly attempt: number;
  readonly injected: 'fault' | 'latency' | 'result';
}

export type ChaosEvents = { chaos: ChaosEvent };
