import { propertyOf } from '../core/safe-inspect';
import type { Amplification } from './amplification';

/** How a retried call was given up. */
export interface GivenUp {
  readonly operation: string;
  readonly attempts: number;
  /** What the attempts before the last failed with: an error, or the value that was refused. */
  readonly earlier: readonly unknown[];
  readonly by: Amplification | undefined;
  /** Grows with each call that is given up. */
  readonly serial: number;
}

/** How many of the last errors are kept of a call that may be tried for ever. */
const MOST_ERRORS = 10;

/** Adds what an attempt failed with to what the attempts before it failed with. */
export function addEarlier(earlier: unknown[], error: unknown): void {
  if (earlier.push(error) > MOST_ERRORS) earlier.shift();
}

/** Operations that one error object may be of. More share it only where names are made at run time. */
const MOST_OPERATIONS = 32;

/** The calls that were given up with an error object, the latest first and one of each operation: some programs throw the same everywhere. */
const calls = /* @__PURE__ */ new WeakMap<object, readonly GivenUp[]>();
let lastSerial = 0;

const NONE: readonly never[] = /* @__PURE__ */ Object.freeze([]);

/** Notes how a call of an operation was given up with `error`: beside it, for it may be frozen, and is not ours. */
export function noteAttempts(error: unknown, operation: string, attempts: number, earlier: readonly unknown[], by?: Amplification): void {
  if (!isObject(error)) return;
  const others = (calls.get(error) ?? NONE).filter((call) => call.operation !== operation);
  const call = { operation, attempts, earlier, by, serial: ++lastSerial };
  calls.set(error, others.length === 0 ? [call] : [call, ...others].slice(0, MOST_OPERATIONS));
}

function callOf(error: unknown, operation?: string): GivenUp | undefined {
  const known = (isObject(error) && calls.get(error)) || NONE;
  // As the second argument of a callback, for one, comes an index.
  return typeof operation === 'string' ? known.find((call) => call.operation === operation) : known[0];
}

/**
 * How many attempts were made before a retried call was given up with this error; undefined for other errors.
 *
 * @param operation - Whose call, where several operations throw one error object. @defaultValue that of the latest call
 */
export function attemptsOf(error: unknown, operation?: string): number | undefined {
  return callOf(error, operation)?.attempts;
}

/**
 * What the attempts before the last failed with, the earliest first: errors, and values that `handleResult` refused. Of many attempts, the last
 * ten of them. Empty for errors of calls that were not retried.
 *
 * @param operation - Whose call, as for {@link attemptsOf}.
 */
export function attemptErrorsOf(error: unknown, operation?: string): readonly unknown[] {
  return callOf(error, operation)?.earlier ?? NONE;
}

/** How many calls were given up so far. */
export function callsGivenUp(): number {
  return lastSerial;
}

/** A wrapped error is looked for this deep. */
const CAUSES = 4;

/** The call that was given up with an error, or with one of its causes, be it wrapped in others. */
export function givenUpWith(error: unknown): GivenUp | undefined {
  for (let cause = error, depth = 0; isObject(cause) && depth <= CAUSES; cause = propertyOf(cause, 'cause'), depth++) {
    const call = callOf(cause);
    if (call !== undefined) return call;
  }
  return undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
