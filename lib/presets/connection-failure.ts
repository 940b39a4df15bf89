import { isTimeoutByAbort } from '../core/cancelled';
import { propertyOf } from '../core/safe-inspect';
import { causesOf } from './causes';

/**
 * Codes of a connection that failed, and may not fail again. Not among them: `ENOTFOUND` (the name does not exist; a name server
 * that cannot be reached is `EAI_AGAIN`), certificates, and requests that the client itself refuses.
 *
 * @see https://nodejs.org/api/errors.html
 * @see https://undici.nodejs.org/#/docs/api/Errors
 */
const LOST: ReadonlySet<unknown> = new Set([
  // The system.
  'ECONNRESET', 'ECONNREFUSED', 'ECONNABORTED', 'EPIPE', 'EAI_AGAIN', 'ENETDOWN', 'ENETRESET', 'ENETUNREACH', 'EHOSTDOWN', 'EHOSTUNREACH',
  // Node: a body, or a compressed one, that ends too soon; a socket that is gone; a stream or a session of HTTP/2 that is broken.
  'ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED', 'ERR_HTTP_CONTENT_LENGTH_MISMATCH', 'Z_BUF_ERROR', 'ERR_SOCKET_CLOSED',
  'ERR_SOCKET_CLOSED_BEFORE_CONNECTION',
  ...['STREAM_ERROR', 'STREAM_CANCEL', 'SESSION_ERROR', 'INVALID_SESSION', 'INVALID_STREAM', 'GOAWAY_SESSION', 'PING_CANCEL', 'SETTINGS_CANCEL',
    'SOCKET_UNBOUND', 'OUT_OF_STREAMS', 'TOO_MANY_INVALID_FRAMES', 'ERROR'].map((kind) => `ERR_HTTP2_${kind}`),
  // undici; the last one is that of a stream of HTTP/2 which the server cancelled.
  'UND_ERR_SOCKET', 'UND_ERR_CLOSED', 'UND_ERR_DESTROYED', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'UND_ERR_INFO',
  // Bun, up to 1.3.
  'ConnectionRefused', 'ConnectionClosed', 'ConnectionReset', 'FailedToOpenSocket',
]);

/** Codes of an answer that did not come in time. */
const LATE: ReadonlySet<unknown> = new Set([
  'ETIMEDOUT', 'ESOCKETTIMEDOUT', 'ERR_SOCKET_CONNECTION_TIMEOUT', 'ERR_TLS_HANDSHAKE_TIMEOUT', 'BREAKER_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT',
]);

/**
 * Messages of those who have no code for it. Browsers may add the host: `Failed to fetch (api.example)`.
 *
 * @see https://github.com/sindresorhus/is-network-error for those of browsers
 */
const WORDS: readonly RegExp[] = [
  // Chromium, its body; Firefox, its body; Safari 17 and before; React Native and whatwg-fetch; the body of Node's fetch.
  /^(Failed to fetch|network error|NetworkError when attempting to fetch resource\.|Error in input stream|Load failed|Network request failed|terminated)( \(.*\))?$/,
  /^(The network connection was lost|The Internet connection appears to be offline|Could not connect to the server|The request timed out)\.$/,
  // Cloudflare Workers; Deno; Bun.
  /^Network connection lost\.$/,
  /^error sending request (?!.*(dns error(?!.*Temporary failure)|certificate))/,
  /^(error reading a body from connection|Connection reset by peer \(os error)/,
  /^(Unable to connect\. Is the computer able|The socket connection was closed unexpectedly)/,
  // axios: a body that broke off; openai, anthropic, LangChain; node-fetch 2 and React Native: time-outs.
  /^(stream has been aborted|Request timed out\.|Network request timed out|network timeout at: .*)$/,
];

/** Those that have a cause leave it to that to say what happened: a refused connection, or a certificate. */
const VAGUE_WORDS = /^(fetch failed|Network Error|Connection error\.)$/;

/** A message may be megabytes long, and all of these are short. */
const LONGEST = 500;

/** Whether an error says that the other end could not be reached, went away, or did not answer in time. */
export function isConnectionFailure(error: unknown): boolean {
  return causesOf(error).some(saysLost);
}

function saysLost(error: object): boolean {
  const code = propertyOf(error, 'code');
  if (LOST.has(code) || LATE.has(code) || propertyOf(error, 'name') === 'TimeoutError' || isTimeoutByAbort(error)) return true;
  const message = messageOf(error);
  return WORDS.some((words) => words.test(message)) || isUnexplained(error, code, message);
}

function isUnexplained(error: object, code: unknown, message: string): boolean {
  return (code === 'ERR_NETWORK' || VAGUE_WORDS.test(message)) && (propertyOf(error, 'cause') ?? undefined) === undefined;
}

function messageOf(error: object): string {
  const message = propertyOf(error, 'message');
  return typeof message === 'string' ? message.slice(0, LONGEST) : '';
}
