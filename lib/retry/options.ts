import { choice, constrained, isRecord, optional, options, when, type Check, type Checked } from '../core/check';
import { type Duration, atLeast, commonOptions, duration, flag, fn, integer, oneOf, type CommonOptions } from '../core/options';
import { idempotence, type Idempotent, outcomeOptions, type OutcomeOptions } from '../core/outcome';
import type { Random } from '../core/random';
import { BACKOFFS, type Jitter } from './backoff';
import { budgetOption, type RetryBudgetSource } from './budget-source';

/** What `onRetry` is given before each wait. */
export interface RetryNotice {
  /** The number of the attempt that failed, from 1. */
  readonly attempt: number;
  /** Milliseconds until the next one. */
  readonly delay: number;
  /** What it failed with; undefined when `handleResult` refused its value. */
  readonly error: unknown;
  /**
   * The value that `handleResult` refused, for those who must dispose of it, such as the body of a response. It is still the
   * call's result when the circuit opens, or the time is up, during the wait.
   */
  readonly value?: unknown;
  readonly operation: string;
}

/** What a backoff function of one's own can look at. */
export interface CustomBackoffContext {
  /** What the attempt failed with, or the value that `handleResult` refused. */
  readonly error: unknown;
  /** The delay before, in milliseconds; undefined for the first retry. */
  readonly previous: number | undefined;
  readonly operation: string;
  /** Where chance comes from: the operation's own. */
  readonly random: Random;
}

/**
 * A delay of one's own, from the number of the attempt that failed (from 1). It is capped, but not jittered. `undefined`
 * stands for the exponential delay, which is jittered as usual.
 */
export type CustomBackoff = (attempt: number, context: CustomBackoffContext) => Duration | undefined;

/** How far the wait that a server asks for is respected. */
export interface RespectRetryAfter {
  /** The longest that is waited for: a duration ≥ 0, or `Infinity`. When a server asks for more, the call is given up. @defaultValue `maxDelay` */
  max?: Duration | undefined;
}

/** The wait that a failure asks for, an error or a value that `handleResult` refused; `undefined`: it asks for none. */
export type RetryAfterReader = (failure: unknown) => Duration | undefined;

export type BackoffName = 'exponential' | 'fixed' | 'linear' | 'decorrelated' | 'adaptive';

/** Options of a retry: how often, after which delays, and after which failures. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export interface RetryOptions<F = any> extends OutcomeOptions<F>, CommonOptions {
  /** Attempts in all, the first included; integer ≥ 1 or `Infinity`. @defaultValue 3 */
  maxAttempts?: number | undefined;
  /** Delay before the first retry; ≥ 0. @defaultValue '1s' */
  baseDelay?: Duration | undefined;
  /** Cap of every delay of the backoff, applied before jitter; ≥ `baseDelay`. A wait that a server asks for may be longer, see `respectRetryAfter`. @defaultValue '300s' */
  maxDelay?: Duration | undefined;
  /** Growth per attempt; ≥ 1. @defaultValue 2 */
  exponentialBase?: number | undefined;
  /** How delays grow: `'exponential'`, `'fixed'`, `'linear'`, `'decorrelated'`, `'adaptive'`, or `(attempt, context) => delay`. @defaultValue 'exponential' */
  backoff?: BackoffName | CustomBackoff | undefined;
  /** Which errors are tried again: an error class, a list of them, or `(error) => boolean`; any other ends the call at once. @defaultValue every error but aborts, configuration errors, and rejections by a circuit or another policy */
  handle?: OutcomeOptions['handle'];
  /** Which errors end the call at once; same forms as `handle`, and wins over it. @defaultValue none */
  ignore?: OutcomeOptions['ignore'];
  /** Whether a returned value is tried again, such as a response with status 503; after the last attempt it is returned. @defaultValue none is */
  handleResult?: OutcomeOptions<F>['handleResult'];
  /** Whether a call may be tried again at all, judged by its arguments: `true`, `false`, or `(...args) => boolean`. A predicate that throws counts as `false`. @defaultValue true */
  idempotent?: Idempotent<F> | undefined;
  /** How delays are spread: `true` (= `'full'`), `false`, `'full'`, `'equal'`, or a ratio 0–1 (± that share). @defaultValue true */
  jitter?: Jitter | undefined;
  /** Deadline for the whole call; > 0, or `Infinity`: no attempt starts, and no wait begins, that would pass it. @defaultValue none */
  maxElapsed?: Duration | undefined;
  /** A timeout for each attempt; > 0. @defaultValue none */
  attemptTimeout?: Duration | undefined;
  /** Whether the wait that a server asks for (`Retry-After` and the like) is the least wait: `true`, `false`, or `{ max }`, a duration ≥ 0 or `Infinity` (by default `maxDelay`). When it asks for more than `max`, the call is given up. @defaultValue true */
  respectRetryAfter?: boolean | RespectRetryAfter | undefined;
  /** Reads the wait that a failure of your own kind asks for: `(failure) => duration`, from the error or the refused value; `undefined` leaves it to what is known of headers and fields. @defaultValue none */
  retryAfter?: RetryAfterReader | undefined;
  /** When the circuit is open, wait for its recovery if that fits `maxElapsed`, which it requires; spread by the jitter, and by the backoff while others probe it. @defaultValue false */
  waitForCircuit?: boolean | undefined;
  /** Bounds retries, to a share of calls or by a quota: `retryBudget({ … })`, or a `RetryBudget`. The object form of `withPolicies` takes the options themselves. @defaultValue none */
  budget?: RetryBudgetSource | undefined;
  /** Inside another operation's retried call: `'allow'` retries too, with one warning when retries multiply; `'suppress'` makes one attempt, for the outer retry tries again. @defaultValue 'allow' */
  nested?: 'allow' | 'suppress' | undefined;
  /** Told before each wait. It may return a promise, as one that refreshes a token does: the next attempt waits for that as well as for the delay, as long as the deadline and the signal allow. A throw or rejection of it is contained. @defaultValue none */
  onRetry?: ((notice: RetryNotice) => void) | ((notice: RetryNotice) => PromiseLike<unknown>) | undefined;
}

/** The options that a retry and a recovery strategy have in common: how many attempts, and the waits between them. */
export const attemptEntries = {
  maxAttempts: optional(integer(1, { infinity: true }), 3),
  baseDelay: optional(duration(), '1s'),
  maxDelay: optional(duration(), '300s'),
  exponentialBase: optional(atLeast(1), 2),
  jitter: optional(
    when<Jitter>(
      (input) => typeof input === 'boolean' || input === 'full' || input === 'equal' || (typeof input === 'number' && input >= 0 && input <= 1),
      __DEV__ && `must be true, false, 'full', 'equal', or a ratio >= 0 and <= 1`,
    ),
    true,
  ),
};

const respectSchema = /* @__PURE__ */ options({ max: optional(duration({ infinity: true })) });
const respectFlag = /* @__PURE__ */ when<boolean>((input) => typeof input === 'boolean', __DEV__ && 'must be true, false, or { max }');

const { jitter, ...delayEntries } = attemptEntries;

const retryEntries = {
  ...commonOptions,
  ...delayEntries,
  backoff: optional(
    when<BackoffName | CustomBackoff>(
      (input) => typeof input === 'function' || (typeof input === 'string' && Object.hasOwn(BACKOFFS, input)),
      __DEV__ && `must be 'exponential', 'fixed', 'linear', 'decorrelated', 'adaptive', or a function (attempt, context) => delay`,
    ),
    'exponential',
  ),
  jitter,
  maxElapsed: optional(duration({ exclusive: true, infinity: true })),
  attemptTimeout: optional(duration({ exclusive: true })),
  ...outcomeOptions,
  idempotent: optional(idempotence(), true),
  respectRetryAfter: optional(
    choice((given): Check<boolean | { max?: number | undefined }> => (isRecord(given) ? respectSchema : respectFlag)),
    true,
  ),
  retryAfter: optional(fn<RetryAfterReader>()),
  waitForCircuit: optional(flag(), false),
  nested: optional(oneOf('allow', 'suppress'), 'allow'),
  onRetry: optional(fn<NonNullable<RetryOptions['onRetry']>>()),
};

/** The schema of {@link RetryOptions}: ranges and defaults. @param budget - What is taken for a budget. */
export const retrySchemaWith = (budget: Check<RetryBudgetSource>) =>
  constrained(options({ ...retryEntries, budget: optional(budget) }), ({ baseDelay, maxDelay, waitForCircuit, maxElapsed }, blame) => {
    // Only of delays that are right by themselves: one mistake is one issue.
    if (isDelay(baseDelay) && isDelay(maxDelay) && maxDelay < baseDelay) blame('maxDelay', __DEV__ && `must not be below baseDelay (${baseDelay} ms)`);
    if (waitForCircuit === true && maxElapsed === undefined) blame('maxElapsed', __DEV__ && 'waitForCircuit requires it');
  });

const isDelay = (input: unknown): input is number => Number.isFinite(input);

export const retrySchema = /* @__PURE__ */ retrySchemaWith(/* @__PURE__ */ budgetOption());

export type ResolvedRetryOptions = Checked<typeof retrySchema>;
