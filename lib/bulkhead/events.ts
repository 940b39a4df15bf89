import type { BaseEvent, PolicyEvent } from '../core/events';

/** A call found no room in the bulkhead. */
export interface BulkheadEvent extends PolicyEvent<'bulkhead'> {
  /** `full`: no slot and no room in the queue; `max_wait`: no slot came free in time, by `maxWait` or by the call's deadline. */
  readonly reason: 'full' | 'max_wait';
  readonly running: number;
  /** The others that wait. */
  readonly queued: number;
}

/** An adaptive bulkhead lets more or fewer calls run than before. */
export interface LimitEvent extends BaseEvent {
  readonly type: 'limit';
  /** Calls that might run at a time until now. */
  readonly from: number;
  /** Calls that may from now on. */
  readonly to: number;
}

export type BulkheadEvents = { bulkhead: BulkheadEvent; limit: LimitEvent };
