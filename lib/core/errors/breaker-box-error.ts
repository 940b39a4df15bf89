import { propertyOf } from '../thrown';

/** Marks our errors for other copies of the package, whose classes are not ours. */
const BRAND = Symbol.for('breaker-box.error');

/** The stable codes of breaker-box's errors. */
export type ErrorCode =
  | 'BREAKER_OPEN'
  | 'BREAKER_TIMEOUT'
  | 'BREAKER_BULKHEAD_FULL'
  | 'BREAKER_RATE_LIMITED'
  | 'BREAKER_THROTTLED'
  | 'BREAKER_CONFIG'
  | 'BREAKER_CONFLICT'
  | 'BREAKER_STORE';

/** The base of every error that breaker-box itself makes. */
export abstract class BreakerBoxError extends Error {
  abstract readonly code: ErrorCode;
  /** The operation it is about; `''` when there is none. */
  declare readonly operation: string;

  constructor(message: string, operation: string, options?: ErrorOptions) {
    super(message, options);
    this.operation = operation;
  }
}

Object.defineProperty(BreakerBoxError.prototype, BRAND, { value: true });

/** Whether `error` is one of breaker-box's own, made by this copy of the package or by another. */
export function isBreakerBoxError(error: unknown): error is BreakerBoxError {
  return propertyOf(error, BRAND) === true;
}

/** Whether `error` is a breaker-box error with this code, whichever copy of the package made it. */
export function hasCode(error: unknown, ...codes: ErrorCode[]): error is BreakerBoxError {
  return isBreakerBoxError(error) && codes.includes(propertyOf(error, 'code') as ErrorCode);
}

/** Whether `error` is one with such a code that the pipeline of `operation` made. */
export function isFrom(operation: string, error: unknown, ...codes: ErrorCode[]): error is BreakerBoxError {
  return hasCode(error, ...codes) && propertyOf(error, 'operation') === operation;
}

/** Whether `error` says that a policy did not let a call run, or that its set-up is wrong: trying again at once is no use. */
export function isRejection(error: unknown): error is BreakerBoxError {
  return isBreakerBoxError(error) && error.code !== 'BREAKER_TIMEOUT';
}

/** Puts the class's name where `Error` keeps it: on the prototype, so that no instance pays for it. */
export function nameErrorClass(errorClass: { readonly prototype: Error }, name: string): void {
  Object.defineProperty(errorClass.prototype, 'name', { value: name, configurable: true, writable: true });
}
