import type { PolicyEvent } from '../core/events';

/** Something was done to an attempt on purpose. */
export interface ChaosEvent extends PolicyEvent<'chaos'> {
  readonly injected: 'fault' | 'latency' | 'result';
}

export type ChaosEvents = { chaos: ChaosEvent };
