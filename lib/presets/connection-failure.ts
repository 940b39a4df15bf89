import { isCancelled, isTimeoutByAbort } from '../core/cancelled';
import { propertyOf } from '../core/thrown';
import { causesOf, codesOf, namesOf } from './causes';

/**
 * Codes of Node, of undici (its `fetch`) and of axios for a connection that failed, and may not fail again. Not among them:
 * `ENOTFOUND` (the name does not exist; a name server that cannot be reached is `EAI_AGAIN`), certificates, and requests
 * that the client itself refuses.
 *
 * @see https://nodejs.org/api/errors.html#common-system-errors
 * @see https://undici.nodejs.org/#/docs/api/Errors
 */
const LOST: ReadonlySet<string> = new Set([
  'ECONNRESET', 'ECONNREFUSED', 'ECONNABORTED', 'EPIPE', 'EAI_AGAIN', 'ENETDOWN', 'ENETRESET', 'ENETUNREACH', 'EHOSTDOWN', 'EHOSTUNREACH',
  'UND_ERR_SOCKET', 'UND_ERR_CLOSED', 'UND_ERR_DESTROYED', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_HTTP2_GOAWAY_SESSION', 'ERR_NETWORK',
]);

const LATE: ReadonlySet<string> = new Set([
  'ETIMEDOUT', 'ESOCKETTIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'BREAKER_TIMEOUT',
]);

/** Whether an error says that the other end could not be reached, went away, or did not answer in time. */
export function isConnectionFailure(error: unknown): boolean {
  const chain = causesOf(error);
  return codesOf(chain).some((code) => LOST.has(code) || LATE.has(code)) || namesOf(chain).includes('TimeoutError') || chain.some(isTimeoutByAbort) || isUnexplained(error);
}

/** The words of Node, Chromium, Firefox and Safari for a request that got no answer. */
const NO_ANSWER = /^(fetch failed|Failed to fetch|NetworkError when attempting|Load failed)/;

function isFetchFailure(error: unknown): boolean {
  return propertyOf(error, 'name') === 'TypeError' && NO_ANSWER.test(String(propertyOf(error, 'message')));
}

/** Browsers do not tell what happened to a connection; Node does, and a cause that is no connection's, such as a certificate, stays. */
function isUnexplained(error: unknown): boolean {
  return isFetchFailure(error) && propertyOf(error, 'cause') === undefined;
}

/**
 * Whether an error is the caller's own, and says nothing about the other end: a bad URL, a header or a body that `fetch`
 * refuses, a slip of the program, or a cancellation.
 */
export function isOwnMistake(error: unknown): boolean {
  const chain = causesOf(error);
  if (chain.some(isCancelled) || codesOf(chain).includes('ERR_INVALID_URL')) return true;
  const name = propertyOf(error, 'name');
  return (name === 'TypeError' || name === 'ReferenceError') && !isFetchFailure(error) && !isConnectionFailure(error);
}
