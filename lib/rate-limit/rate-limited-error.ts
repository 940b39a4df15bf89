import { formatDuration } from '../core/options';
import { BreakerBoxError, nameErrorClass } from '../core/errors';

/** The operation's rate limit is reached: the function was not run. Answer a client with 429 and `Retry-After`. */
export class RateLimitedError extends BreakerBoxError {
  readonly code = 'BREAKER_RATE_LIMITED';
  /** Milliseconds until a call can be let through. */
  declare readonly retryAfter: number;
  /** The key of a keyed limit. */
  declare readonly key: string | undefined;

  constructor(operation: string, retryAfterMs: number, key?: string) {
    super(`The rate limit of ${key === undefined ? operation : `${operation}[${key}]`} is reached; try again in ${formatDuration(retryAfterMs)}`, operation);
    this.retryAfter = retryAfterMs;
    this.key = key;
  }
}

nameErrorClass(RateLimitedError, 'RateLimitedError');
