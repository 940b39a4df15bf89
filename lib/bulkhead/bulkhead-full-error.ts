import { BreakerBoxError, nameErrorClass } from '../core/errors';

/** Too many calls of the operation are running, and its queue had no room, or no slot came free in time: the function was not run. */
export class BulkheadFullError extends BreakerBoxError {
  readonly code = 'BREAKER_BULKHEAD_FULL';
  /** Calls that were running. */
  declare readonly running: number;
  /** Calls that were waiting. */
  declare readonly queued: number;
  /** The key of a keyed bulkhead. */
  declare readonly key: string | undefined;

  constructor(operation: string, running: number, queued: number, key?: string, group?: string) {
    const whose = group === undefined ? operation : `the group '${group}'`;
    const keyed = key === undefined ? whose : `${whose}[${key}]`;
    const another = group === undefined ? '' : ` of ${operation}`;
    super(`${running} calls of ${keyed} are running and ${queued} waiting${__DEV__ ? `: no room for another one${another}` : ''}`, operation);
    this.running = running;
    this.queued = queued;
    this.key = key;
  }
}

nameErrorClass(BulkheadFullError, 'BulkheadFullError');
