import { hasCode, type ErrorCode } from '../core/errors';
import { formatDuration } from '../core/options';
import { propertyOf } from '../core/safe-inspect';

/** The answer of a server to its client when a policy ended the call that was to serve it. */
export interface HttpError {
  readonly status: 429 | 503 | 504;
  /** `retry-after` in whole seconds, rounded up, where the time is known. */
  readonly headers: Readonly<Record<string, string>>;
  /** Tells nothing of the server's inside: no operation, no key, no cause. */
  readonly body: HttpErrorBody;
}

export interface HttpErrorBody {
  readonly statusCode: number;
  /** The status in words. */
  readonly error: string;
  /** A sentence for people: “temporarily unavailable, try again in 12 s”. */
  readonly message: string;
  readonly code: ErrorCode;
}

const noHeaders: HttpError['headers'] = {};
const reasons = { 429: 'Too Many Requests', 503: 'Service Unavailable', 504: 'Gateway Timeout' };

/**
 * The answer to a request whose call was ended by a policy: 503 for an open circuit, a full bulkhead and a throttled call, 429 for a
 * rate limit, 504 for a timeout, each with `Retry-After` where the error tells the time.
 *
 * @returns undefined for any other error, which is not ours to answer: wrong options included.
 */
export function httpErrorOf(error: unknown): HttpError | undefined {
  const status = statusFor(error);
  if (status === undefined) return undefined;
  const code = propertyOf(error, 'code') as ErrorCode;
  const retryAfterMs = retryAfterOf(error);
  return {
    status,
    headers: retryAfterMs === undefined ? noHeaders : { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) },
    body: { statusCode: status, error: reasons[status], message: sentenceFor(error, retryAfterMs), code },
  };
}

function retryAfterOf(error: unknown): number | undefined {
  const given = propertyOf(error, 'retryAfter');
  return typeof given === 'number' && given > 0 && Number.isFinite(given) ? given : undefined;
}

function statusFor(error: unknown): HttpError['status'] | undefined {
  if (hasCode(error, 'BREAKER_OPEN', 'BREAKER_BULKHEAD_FULL', 'BREAKER_THROTTLED')) return 503;
  if (hasCode(error, 'BREAKER_RATE_LIMITED')) return 429;
  return hasCode(error, 'BREAKER_TIMEOUT') ? 504 : undefined;
}

function sentenceFor(error: unknown, retryAfterMs: number | undefined): string {
  const when = retryAfterMs === undefined ? 'later' : `in ${formatDuration(retryAfterMs)}`;
  if (hasCode(error, 'BREAKER_OPEN')) return `temporarily unavailable, try again ${when}`;
  if (hasCode(error, 'BREAKER_RATE_LIMITED')) return `too many requests, try again ${when}`;
  return hasCode(error, 'BREAKER_TIMEOUT') ? 'no answer in time, try again later' : `temporarily overloaded, try again ${when}`;
}
