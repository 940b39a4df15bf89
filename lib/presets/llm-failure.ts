import { headerOf } from '../core/headers';
import { propertyOf } from '../core/thrown';
import { causesOf } from './causes';
import { isConnectionFailure } from './connection-failure';
import { isTransientStatus, statusOf } from './http-failure';

/** A limit that waiting does not lift: somebody has to pay. OpenAI sends it as a 429. */
const OUT_OF_QUOTA = ['insufficient_quota', 'billing_hard_limit_reached', 'billing_not_active', 'billing_error'];

/** The provider's own trouble; within a stream, which began with a 200, it has no other sign. */
const OVERLOADED = ['overloaded_error', 'api_error', 'timeout_error', 'server_error'];

const RATE_LIMITED = ['rate_limit_error', 'rate_limit_exceeded'];

/** What is wrong with the request itself. */
const REFUSED = ['invalid_request_error', 'authentication_error', 'permission_error', 'not_found_error', 'request_too_large'];

/**
 * Whether another attempt may go better than the one that gave this response or error: 408, 409, 429 and 5xx (529 among them),
 * overloads, and failed connections, unless the quota is used up. `x-should-retry` decides where the server sends it.
 *
 * These are the rules of the clients of OpenAI and Anthropic; 409 is a lock that was not had in time.
 *
 * @see https://github.com/openai/openai-node#retries
 * @see https://github.com/anthropics/anthropic-sdk-typescript#retries
 */
export function isTransient(failure: unknown): boolean {
  const words = wordsOf(failure);
  if (says(words, OUT_OF_QUOTA)) return false;
  const advice = adviceOf(failure);
  if (advice !== undefined) return advice;
  const status = statusOf(failure);
  if (status !== undefined) return status === 409 || isTransientStatus(status);
  return says(words, OVERLOADED) || says(words, RATE_LIMITED) || isConnectionFailure(failure);
}

/** Whether a returned value says that the provider is unwell. */
export function isUnwell(value: unknown): boolean {
  const status = statusOf(value);
  return status === undefined ? says(wordsOf(value), OVERLOADED) : status >= 500;
}

/** Whether an error says that the provider is unwell: anything but an answer about the request or the account. */
export function isLlmOutage(error: unknown): boolean {
  const status = statusOf(error);
  return status === undefined ? !says(wordsOf(error), [...OUT_OF_QUOTA, ...RATE_LIMITED, ...REFUSED]) : status >= 500;
}

/** Types and codes of an error body, wherever clients put it: on the error, or in its `error` (OpenAI), or in the `error` of that (Anthropic). */
function wordsOf(failure: unknown): unknown[] {
  return causesOf(failure).flatMap((one) => {
    const body = propertyOf(one, 'error');
    return [one, body, propertyOf(body, 'error')].flatMap((place) => [propertyOf(place, 'type'), propertyOf(place, 'code')]);
  });
}

function says(words: readonly unknown[], some: readonly string[]): boolean {
  return words.some((word) => some.includes(word as string));
}

function adviceOf(failure: unknown): boolean | undefined {
  if (typeof failure !== 'object' || failure === null) return undefined;
  const advice = headerOf(failure, 'x-should-retry');
  return advice === 'true' || advice === 'false' ? advice === 'true' : undefined;
}
