import type { ValueOf, Args, ArgsOf } from './call';
import { gavePromise } from './call-safely';
import type { Cancellation } from './cancellation';
import { isCancelled } from './cancelled';
import { optional, when } from './check';
import { codeFrom, isBreakerBoxError, type ErrorCode } from './errors';
import { fn } from './options';
import { asText, propertyOf, nameOf } from './safe-inspect';
import { reportThrow } from './warn';

/** A class of errors: a function whose prototype is or extends `Error.prototype`. */
export type ErrorClass = abstract new (...args: never[]) => Error;

/** Which errors: those of a class, of one of some classes, or those a predicate picks. */
export type ErrorMatcher = ErrorClass | readonly ErrorClass[] | ((error: unknown) => boolean);

export const errorMatcher = () =>
  when<ErrorMatcher>(
    (input) => typeof input === 'function' || (Array.isArray(input) && input.length > 0 && input.every(isErrorClass)),
    __DEV__ && 'must be an error class, a list of error classes, or a function (error) => boolean',
  );

/** The predicate that a matcher stands for. */
export function toPredicate(matcher: ErrorMatcher): (error: unknown) => boolean {
  if (typeof matcher === 'function' && !isErrorClass(matcher)) return matcher;
  return (error) => [matcher].flat().some((errorClass) => isOfClass(error, errorClass));
}

function isErrorClass(input: unknown): input is ErrorClass {
  return typeof input === 'function' && namesAlong(input.prototype).includes('Error');
}

/**
 * By `instanceof`; by name for errors of another realm, such as Jest's, or of another copy of this package: their classes are not ours.
 * A value that cannot be looked at is of no class.
 */
function isOfClass(error: unknown, errorClass: ErrorClass): boolean {
  try {
    if (error instanceof errorClass) return true;
    if (typeof error !== 'object' || (error instanceof Error && !isBreakerBoxError(error))) return false;
    return (error as Error).name === errorClass.name || namesAlong(Object.getPrototypeOf(error)).includes(errorClass.name);
  } catch {
    return false;
  }
}

/** The names of the classes along a prototype chain. */
function namesAlong(proto: unknown): string[] {
  return typeof proto === 'object' && proto !== null ? [nameOf(proto.constructor), ...namesAlong(Object.getPrototypeOf(proto))] : [];
}

/** How an attempt ended: it worked; it failed; or it says nothing about the dependency. */
export type Outcome = 'success' | 'failure' | 'ignored';

/** The result of an attempt, as `classify` sees it. */
export type Settled = ({ readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: unknown }) & {
  /** Milliseconds the attempt took. */
  readonly duration: number;
  /** The call's own signal. */
  readonly signal: AbortSignal | undefined;
  readonly operation: string;
};

/**
 * Which results of a function are failures.
 *
 * @typeParam F - The function, where that is known: its value is what `handleResult` looks at.
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export interface OutcomeOptions<F = any> {
  /** Which errors are failures: an error class, a list of them, or `(error) => boolean`. An error that is neither handled nor ignored is a success: the dependency answered. @defaultValue every error */
  handle?: ErrorMatcher | undefined;
  /** Which errors count for nothing, besides aborts and the operation's own rejections, which never count; same forms as `handle`, and wins over it. It reaches the pipeline's own timeout, which `handle` does not. @defaultValue none */
  ignore?: ErrorMatcher | undefined;
  /** Whether a returned value is a failure, such as a response with status 503. @defaultValue none is */
  handleResult?: ((value: ValueOf<F>) => boolean) | undefined;
}

export const outcomeOptions = {
  handle: optional(errorMatcher()),
  ignore: optional(errorMatcher()),
  handleResult: optional(fn<NonNullable<OutcomeOptions['handleResult']>>()),
};

/** Classifies attempts. `value` is absent when every returned value is a success. */
export interface Classifier {
  readonly value: ((settled: Settled & { ok: true }) => Outcome) | undefined;
  readonly error: (settled: Settled & { ok: false }) => Outcome;
  /** Whether it looks at more of an attempt than its value or error, so that each attempt must be timed. */
  readonly timed: boolean;
}

export type Classify = (outcome: Settled) => Outcome;

/** The classifier of one operation's attempts. A throwing predicate counts as a failure for an error, as a success for a value. */
export function classifierOf(options: OutcomeOptions & { classify?: Classify | undefined }): Classifier {
  const { classify, handleResult } = options;
  if (classify !== undefined) {
    const ask = (settled: Settled): Outcome => predicateAnswer(classify, 'classify', [settled], toOutcome) ?? (settled.ok ? 'success' : 'failure');
    return { value: ask, error: ask, timed: true };
  }
  const handle = options.handle && toPredicate(options.handle);
  const ignore = options.ignore && toPredicate(options.ignore);
  return {
    value:
      handleResult && (({ value }) => (ask(handleResult, 'handleResult', value, false) ? 'failure' : 'success')),
    error: ({ error, operation }) => {
      const isOwnTimeout = codeFrom(operation, error) === 'BREAKER_TIMEOUT';
      // The call around it left it less time than it gives the dependency.
      const isCutShort = isOwnTimeout && propertyOf(error, 'isCutShort') === true;
      if (isCutShort || isCancelled(error) || isOwnRejection(error, operation)) return 'ignored';
      const isIgnored = ignore === undefined ? false : predicateAnswer(ignore, 'ignore', [error], Boolean);
      if (isIgnored === true) return 'ignored';
      // Whatever `handle` says of a timeout: the dependency did not answer in time.
      const isFailure = isIgnored === undefined || isOwnTimeout || handle === undefined || ask(handle, 'handle', error, true);
      return isFailure ? 'failure' : 'success';
    },
    timed: false,
  };
}

/** Whether a policy of the operation's own pipeline did not let a call, or an attempt, run. */
export function isOwnRejection(error: unknown, operation: string): boolean {
  return REJECTIONS.includes(codeFrom(operation, error));
}

const REJECTIONS: readonly (ErrorCode | undefined)[] = ['BREAKER_OPEN', 'BREAKER_BULKHEAD_FULL', 'BREAKER_RATE_LIMITED', 'BREAKER_THROTTLED'];

/** Stands for the error of an attempt that its caller aborted: it is not classified. */
export const CALLERS_ABORT = Symbol('aborted by the caller');

/** The error by which a failed attempt of `operation` is classified: its own, or the time-out that led to it, or {@link CALLERS_ABORT}. */
export function errorToClassify(error: unknown, operation: string, cancellation: Cancellation | undefined): unknown {
  if (cancellation?.aborted !== true) return error;
  // An abort by a timeout of the operation's own pipeline is the dependency's failure, not the caller's wish.
  if (codeFrom(operation, cancellation.reason) !== 'BREAKER_TIMEOUT') return CALLERS_ABORT;
  // Most functions answer any abort with an `AbortError` of their own: what counts is why they were aborted.
  return isCancelled(error) ? cancellation.reason : error;
}

/** The result of an attempt: a value, an error, or neither. */
export interface Result {
  readonly value?: unknown;
  readonly error?: unknown;
}

/** Classifies the result of an attempt. @param durationMs - How long it took, where the classifier is timed. */
export function outcomeOf(classifier: Classifier, operation: string, result: Result, durationMs: number, cancellation: Cancellation | undefined): Outcome {
  // A signal is made when it is asked for: only for `classify`, which gets durations as well.
  const about = { duration: durationMs, signal: classifier.timed ? cancellation?.signal : undefined, operation };
  if ('value' in result) return classifier.value?.({ ok: true, value: result.value, ...about }) ?? 'success';
  const counted = errorToClassify(result.error, operation, cancellation);
  const isLeft = counted === CALLERS_ABORT;
  // `classify` decides alone, also about aborts.
  return isLeft && !classifier.timed ? 'ignored' : classifier.error({ ok: false, error: isLeft ? result.error : counted, ...about });
}

/** The error that the caller of a failed attempt gets: its own, or why it was aborted by the caller. */
export function thrownOf(error: unknown, operation: string, cancellation: Cancellation | undefined): unknown {
  return errorToClassify(error, operation, cancellation) === CALLERS_ABORT ? cancellation?.reason : error;
}

/** The predicates that are asked, each with its answer where it gives a promise. */
const INSTEAD = {
  handle: 'every error is handled',
  ignore: 'no error is ignored',
  handleResult: 'no value is refused',
  idempotent: 'no call is repeated',
  enabled: 'chaos is off',
  classify: 'errors count as failures, and values as successes',
};

type Role = keyof typeof INSTEAD;

/** A user's predicate; `otherwise` when it throws, or gives a promise. */
export function ask<T>(predicate: (subject: T) => boolean, role: Role, subject: T, otherwise: boolean): boolean {
  return askAll(predicate, role, [subject], otherwise);
}

/** {@link ask}, about several subjects at once. */
export function askAll<A extends unknown[]>(predicate: (...subjects: A) => boolean, role: Role, subjects: A, otherwise: boolean): boolean {
  return predicateAnswer(predicate, role, subjects, Boolean) ?? otherwise;
}

function predicateAnswer<A extends unknown[], T>(predicate: (...subjects: A) => unknown, role: Role, subjects: A, read: (answer: unknown) => T): T | undefined {
  return answerOf(predicate, `The predicate '${role}'`, __DEV__ && INSTEAD[role], subjects, read);
}

/**
 * What a user's function answers; undefined when it throws, or gives a promise.
 *
 * @param named - As warnings name it.
 * @param instead - What counts in place of a promise.
 * @param read - Throws for what is no answer.
 */
export function answerOf<A extends unknown[], T>(fn: (...subjects: A) => unknown, named: string, instead: string | false, subjects: A, read: (answer: unknown) => T): T | undefined {
  try {
    const answer = fn(...subjects);
    if (!gavePromise(fn, named, answer, instead)) return read(answer);
  } catch (thrown) {
    reportThrow(fn, named, thrown);
  }
  return undefined;
}

const OUTCOMES: readonly unknown[] = ['success', 'failure', 'ignored'] satisfies Outcome[];

function toOutcome(answer: unknown): Outcome {
  if (OUTCOMES.includes(answer)) return answer as Outcome;
  throw new TypeError(__DEV__ ? `classify must answer 'success', 'failure' or 'ignored', not ${asText(answer)}` : 'classify');
}

/** Whether a function may be carried out more than once for one call: always, never, or judged by the call's arguments. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Idempotent<F = any> = boolean | ((...args: ArgsOf<F>) => boolean);

export const idempotence = () =>
  when<Idempotent>(
    (input) => typeof input === 'boolean' || typeof input === 'function',
    __DEV__ && 'must be true, false, or a function (...args) => boolean',
  );

/** Whether a call with these arguments may be carried out twice: it may unless that was denied. A predicate that throws denies it. */
export function mayRepeat(idempotent: Idempotent | undefined, args: Args): boolean {
  if (typeof idempotent !== 'function') return idempotent !== false;
  return askAll(idempotent as (...args: unknown[]) => boolean, 'idempotent', [...args], false);
}
