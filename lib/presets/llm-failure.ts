import { isCancelled } from '../core/cancelled';
import { asText, propertyOf } from '../core/safe-inspect';
import { causesOf, headerAlong } from './causes';
import { isConnectionFailure } from './connection-failure';
import { isTransientStatus, statusOf } from './http-failure';
import { isOwnMistake } from './own-mistake';

/** A limit that waiting does not lift: somebody has to pay. OpenAI sends it as a 429. */
const OUT_OF_QUOTA = ['insufficient_quota', 'billing_hard_limit_reached', 'billing_not_active', 'billing_error'];

/** The provider's own trouble; within a stream, which began with a 200, it has no other sign. */
const OVERLOADED = ['overloaded_error', 'api_error', 'timeout_error', 'server_error'];

const RATE_LIMITED = ['rate_limit_error', 'rate_limit_exceeded'];

/** Error types of a request that is wrong itself. */
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
  if (isCancelled(failure) || says(words, OUT_OF_QUOTA)) return false;
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
  if (status !== undefined) return status >= 500;
  return !says(wordsOf(error), [...OUT_OF_QUOTA, ...RATE_LIMITED, ...REFUSED]) && !isUnfit(error);
}

/** Errors about an answer that came, and is not what the caller asked for: of the AI SDK, and of openai, whose classes set no name. */
const UNFIT: ReadonlySet<unknown> = new Set([
  'AI_NoObjectGeneratedError', 'AI_NoSuchToolError', 'AI_InvalidToolInputError', 'AI_TypeValidationError',
  'LengthFinishReasonError', 'ContentFilterFinishReasonError',
]);

function isUnfit(error: unknown): boolean {
  return UNFIT.has(propertyOf(error, 'name')) || UNFIT.has(propertyOf(propertyOf(error, 'constructor'), 'name'));
}

/** Errors of requests that the AI SDK refuses to send. */
const UNSENT = /^AI_(Invalid(Prompt|Argument|MessageRole|DataContent)|LoadAPIKey|LoadSetting|NoSuchModel|NoSuchProvider|Unsupported\w+)Error$/;

/** Whether an error is the caller's own: {@link isOwnMistake}, or a prompt or a model that the client itself refuses. */
export function isOwnLlmMistake(error: unknown): boolean {
  return isOwnMistake(error) || UNSENT.test(asText(propertyOf(error, 'name')));
}

/**
 * Types and codes of an error body, wherever clients put it: on the error, or in its `error` (OpenAI), or in the `error` of that
 * (Anthropic), or in its `data` (the AI SDK).
 */
function wordsOf(failure: unknown): unknown[] {
  return causesOf(failure).flatMap((one) => {
    const [body, data] = [propertyOf(one, 'error'), propertyOf(one, 'data')];
    const places = [one, body, propertyOf(body, 'error'), data, propertyOf(data, 'error')];
    return places.flatMap((place) => [propertyOf(place, 'type'), propertyOf(place, 'code')]);
  });
}

function says(words: readonly unknown[], some: readonly string[]): boolean {
  return words.some((word) => some.includes(word as string));
}

function adviceOf(failure: unknown): boolean | undefined {
  const advice = headerAlong(causesOf(failure), 'x-should-retry');
  return advice === 'true' || advice === 'false' ? advice === 'true' : undefined;
}
