import { propertyOf } from '../../core/thrown';

/** How a retried call was given up. */
export interface GivenUp {
  readonly attempts: number;
  /** What the attempts before the last failed with: an error, or the value that was refused. */
  readonly earlier: readonly unknown[];
  /** Runs of the innermost function that is known: more than `attempts` when a retry inside it gave up too. */
  readonly runs: number;
  readonly by: Retrier | undefined;
  /** Grows with each call that is given up. */
  readonly serial: number;
}

/** A retry of an operation, as others around it know it. */
export interface Retrier {
  readonly operation: string;
  readonly memory: {
    /** The same at each call of the operation, and no other's. */
    readonly policy: object;
    readonly budget: object | undefined;
  };
}

/** How many of the last errors are kept of a call that may be tried for ever. */
const MOST_ERRORS = 10;

/** What the attempts of a call before the last failed with. */
export class EarlierErrors {
  readonly list: unknown[] = [];

  add(error: unknown): void {
    this.list.push(error);
    if (this.list.length > MOST_ERRORS) this.list.shift();
  }
}

const calls = new WeakMap<object, GivenUp>();
let lastSerial = 0;

/** Notes how a call was given up with `error`: beside it, for it may be frozen, and is not ours. */
export function noteAttempts(error: unknown, call: Omit<GivenUp, 'serial'>): void {
  if (isObject(error)) calls.set(error, { ...call, serial: ++lastSerial });
}

/** How many attempts were made before a retried call was given up with this error; undefined for other errors. */
export function attemptsOf(error: unknown): number | undefined {
  return isObject(error) ? calls.get(error)?.attempts : undefined;
}

/**
 * What the attempts before the last failed with, the earliest first: errors, and values that `handleResult` refused. Of many attempts, the last
 * ten of them. Empty for errors of calls that were not retried.
 */
export function attemptErrorsOf(error: unknown): readonly unknown[] {
  return isObject(error) ? (calls.get(error)?.earlier ?? NONE) : NONE;
}

const NONE: readonly unknown[] = Object.freeze([]);

/** How many calls were given up so far. */
export function callsGivenUp(): number {
  return lastSerial;
}

/** A wrapped error is looked for this deep. */
const CAUSES = 4;

/** The call that was given up with an error, or with one of its causes, be it wrapped in others. */
export function givenUpWith(error: unknown): GivenUp | undefined {
  for (let cause = error, depth = 0; isObject(cause) && depth <= CAUSES; cause = propertyOf(cause, 'cause'), depth++) {
    const call = calls.get(cause);
    if (call !== undefined) return call;
  }
  return undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
