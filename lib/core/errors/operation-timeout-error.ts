import { BreakerBoxError, nameErrorClass } from './breaker-box-error';

/** The function did not settle in its time. */
export class OperationTimeoutError extends BreakerBoxError {
  readonly code = 'BREAKER_TIMEOUT';
  /** The time it was given, in milliseconds. */
  readonly timeout: number;

  constructor(operation: string, timeoutMs: number, options?: ErrorOptions) {
    super(`${operation} did not settle within ${timeoutMs} ms`, operation, options);
    this.timeout = timeoutMs;
  }
}

nameErrorClass(OperationTimeoutError, 'OperationTimeoutError');
