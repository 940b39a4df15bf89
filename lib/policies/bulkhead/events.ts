import type { BaseEvent } from '../../core/events';

/** A call found no room in the bulkhead. */
export interface BulkheadEvent extends BaseEvent {
  readonly type: 'bulkhead';
  readonly callId?: number;
  /** From 1. */
  readonly attempt: number;
  /** `full`: no slot and no room in the queue; `max_wait`: no slot came free in time. */
  readonly reason: 'full' | 'max_wait';
  readonly running: number;
  readonly queued: number;
  readonly key?: string;
}

export type BulkheadEvents = { bulkhead: BulkheadEvent };
