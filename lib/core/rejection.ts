import { propertyOf } from './thrown';

const REJECTION: unique symbol = Symbol.for('breaker-box.rejection') as never;

/**
 * Rejects the promise that is resolved with it, a microtask later. A reaction that returns one costs half of one that throws: the engine makes a
 * message for whatever is thrown, though nobody may ever read it.
 */
export class Rejection {
  constructor(readonly reason: unknown) {}

  /** Marks it for other copies of the package: a breaker of their registry may answer. */
  get [REJECTION](): true {
    return true;
  }

  /** Whether something is one, of this copy or of another. Not by `instanceof`, which a user's value can answer by a throw. */
  static is(outcome: unknown): outcome is Rejection {
    return typeof outcome === 'object' && outcome !== null && propertyOf(outcome, REJECTION) === true;
  }

  then(_onFulfilled: unknown, onRejected: (reason: unknown) => void): void {
    onRejected(this.reason);
  }
}

/** What a reaction gives that passes a failure on: to the reaction that was handed down to it, if any. */
export function passedOn(error: unknown, onFailure: ((error: unknown) => unknown) | undefined): unknown {
  return onFailure === undefined ? new Rejection(error) : onFailure(error);
}
