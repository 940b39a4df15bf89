import { BreakerBoxError, nameErrorClass } from './breaker-box-error';

/** Two sites claim one operation name and do not agree. */
export class OperationConflictError extends BreakerBoxError {
  readonly code = 'BREAKER_CONFLICT';

  constructor(operation: string, why: string) {
    super(`The operation name '${operation}' is taken: ${why}`, operation);
  }
}

nameErrorClass(OperationConflictError, 'OperationConflictError');
