import { BreakerBoxError, nameErrorClass } from '../core/errors';

/** The dependency refuses so many calls that this one was not sent to it: the function was not run. */
export class ThrottledError extends BreakerBoxError {
  readonly code = 'BREAKER_THROTTLED';
  /** Milliseconds after which another try makes sense. */
  declare readonly retryAfter: number;
  /** The key of a keyed throttle. */
  declare readonly key: string | undefined;

  constructor(operation: string, retryAfterMs: number, key?: string) {
    super(`${key === undefined ? operation : `${operation}[${key}]`} is throttled: its dependency refuses too many calls`, operation);
    this.retryAfter = retryAfterMs;
    this.key = key;
  }
}

nameErrorClass(ThrottledError, 'ThrottledError');
