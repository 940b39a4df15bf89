import { BreakerBoxError, nameErrorClass } from '../core/errors';

/** What an operator did to all processes could not be told to the store, or not for sure. */
export class StoreUnavailableError extends BreakerBoxError {
  readonly code = 'BREAKER_STORE';
}

nameErrorClass(StoreUnavailableError, 'StoreUnavailableError');
