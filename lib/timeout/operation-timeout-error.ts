import { BreakerBoxError, nameErrorClass } from '../core/errors';

interface OperationTimeoutDetails extends ErrorOptions {
  readonly isCutShort?: boolean;
}

/** The function did not settle in its time. */
export class OperationTimeoutError extends BreakerBoxError {
  readonly code = 'BREAKER_TIMEOUT';
  /** The time it was given, in milliseconds, to the microsecond; 0 when none was left, and it was not run. */
  readonly timeout: number;
  /**
   * Whether a call around it, of another operation, had less time left than its own timeout gives, and that was not up: this
   * says nothing about the dependency.
   */
  readonly isCutShort: boolean;

  constructor(operation: string, timeoutMs: number, { isCutShort = false, ...options }: OperationTimeoutDetails = {}) {
    const timeout = Number(timeoutMs.toFixed(3));
    const within = __DEV__ && isCutShort ? `the ${timeout} ms that the call around it had left` : `${timeout} ms`;
    super(`${operation} did not settle within ${within}`, operation, options);
    this.timeout = timeout;
    this.isCutShort = isCutShort;
  }
}

nameErrorClass(OperationTimeoutError, 'OperationTimeoutError');
