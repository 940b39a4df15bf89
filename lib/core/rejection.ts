import { propertyOf } from './safe-inspect';

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

/**
 * A rejected promise; with `recover`, what that gives in place of the failure. At once, for a rejected call should not cost more than one that runs.
 *
 * The promise is rejected a microtask later, when its caller has had the time to attach a handler: the engine's tracking of
 * rejections that nobody handles is half of what a rejection costs.
 */
export function rejected(reason: unknown, recover?: (error: unknown) => unknown): Promise<unknown> {
  if (recover === undefined) return Promise.resolve(new Rejection(reason));
  try {
    const outcome = recover(reason);
    return outcome instanceof Rejection ? rejected(outcome.reason) : Promise.resolve(outcome);
  } catch (thrown) {
    return rejected(thrown);
  }
}
