import type { Cancellation } from './cancellation';
import { isCancelled } from './cancelled';
import { gavePromise } from './contained';
import { isBreakerBoxError, isFrom } from './errors';
import { toPredicate, errorMatcher, type ErrorMatcher } from './matcher';
import { optional } from './check';
import { fn } from './options';
import type { ValueOf } from './signature';
import { propertyOf } from './thrown';
import { reportThrow } from './warn';

/** How an attempt ended: it worked; it failed; or it says nothing about the dependency. */
export type Outcome = 'success' | 'failure' | 'ignored';

/** What an attempt came to, as `classify` sees it. */
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

/** Decides outcomes. `value` is absent when every returned value is a success. */
export interface Judge {
  readonly value: ((settled: Settled & { ok: true }) => Outcome) | undefined;
  readonly error: (settled: Settled & { ok: false }) => Outcome;
  /** Whether it looks at more of an attempt than its value or error, so that each attempt must be timed. */
  readonly timed: boolean;
}

export type Classify = (outcome: Settled) => Outcome;

/** The judge of one operation's attempts. A throwing predicate counts as a failure for an error, as a success for a value. */
export function judge(options: OutcomeOptions & { classify?: Classify | undefined }): Judge {
  const { classify, handleResult } = options;
  if (classify !== undefined) {
    const ask = (settled: Settled): Outcome => askClassify(classify, settled);
    return { value: ask, error: ask, timed: true };
  }
  const handle = options.handle && toPredicate(options.handle);
  const ignore = options.ignore && toPredicate(options.ignore);
  return {
    value:
      handleResult && (({ value }) => (ask(handleResult, 'handleResult', value, false) ? 'failure' : 'success')),
    error: ({ error, operation }) => {
      if (isCancelled(error)) return 'ignored';
      // Asked once, because nearly every error is the dependency's own.
      const isOurs = isBreakerBoxError(error);
      if (isOurs && isOwnRejection(error, operation)) return 'ignored';
      const isOwnTimeout = isOurs && isFrom(operation, error, 'BREAKER_TIMEOUT');
      // The call around it left it less time than it gives the dependency.
      if (isOwnTimeout && propertyOf(error, 'isCutShort') === true) return 'ignored';
      try {
        if (ignore !== undefined && askOrThrow(ignore, 'ignore', error)) return 'ignored';
        // Whatever `handle` says: the dependency did not answer in time.
        if (isOwnTimeout) return 'failure';
        return handle === undefined || askOrThrow(handle, 'handle', error) ? 'failure' : 'success';
      } catch {
        return 'failure';
      }
    },
    timed: false,
  };
}

/** Whether a policy of the operation's own pipeline did not let a call, or an attempt, run. */
export function isOwnRejection(error: unknown, operation: string): boolean {
  return isFrom(operation, error, 'BREAKER_OPEN', 'BREAKER_BULKHEAD_FULL', 'BREAKER_RATE_LIMITED', 'BREAKER_THROTTLED');
}

/** Stands for the error of an attempt that its caller aborted: there is nothing to judge. */
export const CALLERS_ABORT = Symbol('aborted by the caller');

/** What is to be judged of an attempt of `operation` that failed: its error, or what that stands for, or {@link CALLERS_ABORT}. */
export function toBeJudged(error: unknown, operation: string, cancellation: Cancellation | undefined): unknown {
  if (cancellation?.aborted !== true) return error;
  // An abort by a timeout of the operation's own pipeline is the dependency's failure, not the caller's wish.
  if (!isFrom(operation, cancellation.reason, 'BREAKER_TIMEOUT')) return CALLERS_ABORT;
  // Most functions answer any abort with an `AbortError` of their own: what counts is why they were aborted.
  return isCancelled(error) ? cancellation.reason : error;
}

/** The predicates that are asked, and what counts where one gives a promise in place of an answer. */
const INSTEAD = {
  handle: 'every error is handled',
  ignore: 'no error is ignored',
  handleResult: 'no value is refused',
  idempotent: 'no call is repeated',
  enabled: 'chaos is off',
};

type Role = keyof typeof INSTEAD;

/** A user's predicate; `otherwise` when it throws, or gives a promise. */
export function ask<T>(predicate: (subject: T) => boolean, role: Role, subject: T, otherwise: boolean): boolean {
  return askAll(predicate, role, [subject], otherwise);
}

/** {@link ask}, about several subjects at once. */
export function askAll<A extends unknown[]>(predicate: (...subjects: A) => boolean, role: Role, subjects: A, otherwise: boolean): boolean {
  try {
    return askOrThrow(predicate, role, ...subjects);
  } catch {
    return otherwise;
  }
}

function askOrThrow<A extends unknown[]>(predicate: (...subjects: A) => boolean, role: Role, ...subjects: A): boolean {
  let answer: unknown;
  try {
    answer = predicate(...subjects);
  } catch (thrown) {
    reportThrow(predicate, `The predicate '${role}'`, thrown);
    throw thrown;
  }
  if (!gavePromise(predicate, `The predicate '${role}'`, answer, INSTEAD[role])) return Boolean(answer);
  throw new TypeError(`The predicate '${role}' did not answer`);
}

function askClassify(classify: Classify, settled: Settled): Outcome {
  try {
    const answer: unknown = classify(settled);
    const isLate = gavePromise(classify, `The predicate 'classify'`, answer, 'errors count as failures, and values as successes');
    if (isLate) return unclassified(settled);
    if (answer === 'success' || answer === 'failure' || answer === 'ignored') return answer;
    throw new TypeError(`classify must answer 'success', 'failure' or 'ignored', not ${String(answer)}`);
  } catch (thrown) {
    reportThrow(classify, `The predicate 'classify'`, thrown);
    return unclassified(settled);
  }
}

function unclassified({ ok }: Settled): Outcome {
  return ok ? 'success' : 'failure';
}
