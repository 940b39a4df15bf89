import { propertyOf } from './thrown';

const REJECTION: unique symbol = Symbol.for('breaker-box.rejection') as never;

/**
 * Rejects the promise that is resolved with it, a microtask later. A reaction that returns one costs half of one that throws: the engine makes a
 * message for whatever is thrown, though nobody may ever read it.
 */
export class Rejection {
  readonly [REJECTION] = REJECTION;

  constructor(readonly reason: unknown) {}

  /** A permit may be of another copy of the package, whose class is not ours; and a user's value may throw when it is looked at. */
  static [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && propertyOf(value, REJECTION) === REJECTION;
  }

  then(_onFulfilled: unknown, onRejected: (reason: unknown) => void): void {
    onRejected(this.reason);
  }
}

/** What a reaction gives that passes a failure on: to the reaction that was handed down to it, if any. */
export function passedOn(error: unknown, onFailure: ((error: unknown) => unknown) | undefined): unknown {
  return onFailure === undefined ? new Rejection(error) : onFailure(error);
}
