import { warnOnce } from '../core/warn';
import type { PolicyOptions } from '../protect/policies';
import type { BreakerOptions } from '../breaker/options';
import type { RetryOptions } from '../retry/options';
import type { ThrottleOptions } from '../throttle/options';
import { httpFailure, isOutage, isRefusal, isRefusedRequest, isServerFailure, isTransientError } from './http-failure';
import { isIdempotent, requestOf } from './http-request';
import { finagle } from './finagle';
import { override } from './overrides';
import { isOwnMistake } from './own-mistake';

/** The retry's part of the preset: which failures may pass. */
export const HTTP_RETRY = { handle: isTransientError, handleResult: httpFailure } satisfies RetryOptions;

/**
 * The breaker's part of the preset: an answer below 500 is an answer, 429 too, which speaks of the caller's load and not of
 * the server's health. All other errors count, but the caller's own mistakes.
 */
export const HTTP_BREAKER = { handle: isOutage, ignore: isOwnMistake, handleResult: isServerFailure } satisfies BreakerOptions;

/** The throttle's part of the preset: which answers say that it was one request too many. */
export const HTTP_THROTTLE = { handle: isRefusedRequest, ignore: isOwnMistake, handleResult: isRefusal } satisfies ThrottleOptions;

/**
 * Policies for a function that makes an HTTP request, for `withPolicies` and `@Resilient`; a fresh object each time.
 *
 * - Three attempts, 200 ms and 400 ms apart at most, for 408, 425, 429, 5xx and failed connections; `Retry-After` is waited
 *   for where it fits the 30 s of the whole call. Only requests that may be repeated, as far as the arguments show: GET, HEAD,
 *   OPTIONS, TRACE, PUT, DELETE, or any with an `Idempotency-Key`. Arguments that are not those of `fetch` or axios show
 *   nothing, so their calls are not repeated, with one warning: `retry: { idempotent: true }` says that they may be.
 * - The circuit opens when half of at least 10 attempts within 30 s failed, for 30 s.
 * - 10 s for each attempt.
 *
 * @param overrides - Policies whose options go over these: `presets.http({ retry: { maxAttempts: 5 } })`.
 * @throws {@link ConfigurationError} when `overrides` is no object; what is in it is checked where the policies are applied.
 */
export function http(overrides: PolicyOptions = {}): PolicyOptions {
  const preset: PolicyOptions = {
    retry: {
      ...HTTP_RETRY,
      idempotent: idempotentRequests(),
      maxAttempts: 3,
      baseDelay: '200ms',
      maxElapsed: '30s',
      ...finagle(),
    },
    breaker: { ...HTTP_BREAKER, window: { type: 'time', duration: '30s', minimumCalls: 10, failureRate: 0.5 }, recoveryTimeout: '30s' },
    timeout: { duration: '10s' },
  };
  return override(preset, overrides, 'presets.http');
}

const UNKNOWN_REQUEST =
  'presets.http: the arguments of a call that failed are not those of fetch or axios, so whether it may be repeated cannot be ' +
  'told, and it was not. Say retry: { idempotent: true }, false, or (...args) => boolean';

const guesses = new WeakSet<object>();

/** Whether a judge goes by what the arguments look like: where they are known to be those of `fetch`, nobody need guess. */
export function isGuess(judge: unknown): boolean {
  return typeof judge === 'function' && guesses.has(judge);
}

/** Each preset warns for itself. */
function idempotentRequests(): (...args: unknown[]) => boolean {
  const judge = (...args: unknown[]): boolean => {
    const request = requestOf(args);
    if (request === undefined) warnOnce(judge, 'BREAKER_BOX_UNKNOWN_REQUEST', UNKNOWN_REQUEST);
    return request !== undefined && isIdempotent(request);
  };
  guesses.add(judge);
  return judge;
}
