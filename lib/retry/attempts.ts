import { propertyOf } from '../core/thrown';

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

/** Operations that one error object may be of. More share it only where names are made at run time. */
const MOST_OPERATIONS = 32;

/** What is known of one error object. Some programs throw the same everywhere. */
interface Known {
  operation: string;
  latest: GivenUp;
  /** Of other operations, the latest last. Nearly always there are none. */
  others: Map<string, GivenUp> | undefined;
}

const calls = new WeakMap<object, Known>();
let lastSerial = 0;

/** Notes how a call of an operation was given up with `error`: beside it, for it may be frozen, and is not ours. */
export function noteAttempts(error: unknown, operation: string, call: Omit<GivenUp, 'serial'>): void {
  if (!isObject(error)) return;
  const { attempts, earlier, runs, by } = call;
  // Each field by its name: a spread costs more than all the rest of this.
  const latest = { attempts, earlier, runs, by, serial: ++lastSerial };
  const known = calls.get(error);
  if (known === undefined) {
    calls.set(error, { operation, latest, others: undefined });
    return;
  }
  if (known.operation !== operation) setAside(known, operation);
  known.operation = operation;
  known.latest = latest;
}

/** Keeps the latest call among the others, for one of `operation` is to be the latest. */
function setAside(known: Known, operation: string): void {
  const others = (known.others ??= new Map());
  others.delete(operation);
  others.set(known.operation, known.latest);
  const [oldest = ''] = others.keys();
  if (others.size >= MOST_OPERATIONS) others.delete(oldest);
}

function latestCall(error: unknown, operation?: string): GivenUp | undefined {
  const known = isObject(error) ? calls.get(error) : undefined;
  // As the second argument of a callback, for one, comes an index.
  return typeof operation !== 'string' || known?.operation === operation ? known?.latest : known?.others?.get(operation);
}

/**
 * How many attempts were made before a retried call was given up with this error; undefined for other errors.
 *
 * @param operation - Whose call, where several operations throw one error object. @defaultValue that of the latest call
 */
export function attemptsOf(error: unknown, operation?: string): number | undefined {
  return latestCall(error, operation)?.attempts;
}

/**
 * What the attempts before the last failed with, the earliest first: errors, and values that `handleResult` refused. Of many attempts, the last
 * ten of them. Empty for errors of calls that were not retried.
 *
 * @param operation - Whose call, as for {@link attemptsOf}.
 */
export function attemptErrorsOf(error: unknown, operation?: string): readonly unknown[] {
  return latestCall(error, operation)?.earlier ?? NONE;
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
    const call = latestCall(cause);
    if (call !== undefined) return call;
  }
  return undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
