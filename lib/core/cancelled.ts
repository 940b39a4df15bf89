import { propertyOf } from './thrown';

/**
 * Whether an error says that somebody cancelled the work, in any of the ecosystem's words. It reads the error's shape: where the
 * call's own signal is known, that decides first (see `toBeJudged`). An error that a time-out caused does not count (see
 * {@link isTimeoutByAbort}).
 */
export function isCancelled(error: unknown): boolean {
  return saysCancelled(error) && !isCausedByTimeout(error);
}

/**
 * Whether an error says “cancelled”, and names a time-out as the reason: `http.get` under `AbortSignal.timeout()`, for one, rejects with an
 * `AbortError` whose `cause` is the `TimeoutError`. The dependency was late, so this is a failure.
 */
export function isTimeoutByAbort(error: unknown): boolean {
  return saysCancelled(error) && isCausedByTimeout(error);
}

/** `CancelError` is of got and p-cancelable, `CanceledError` of axios, `APIUserAbortError` of openai and anthropic. */
const NAMES: ReadonlySet<unknown> = new Set(['AbortError', 'CanceledError', 'CancelledError', 'CancelError', 'APIUserAbortError']);

/** Codes of Node, undici, axios and got. */
const CODES: ReadonlySet<unknown> = new Set(['ABORT_ERR', 'UND_ERR_ABORTED', 'ERR_CANCELED']);

function saysCancelled(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const words = wordsOf(error);
  return areOfCancelled(error, words) && !isLostByRedis(words.message);
}

/** What an error says of itself. */
interface Words {
  readonly name: unknown;
  readonly code: unknown;
  readonly message: unknown;
  readonly className: unknown;
}

/** Reads an error in one go, for every failed call pays for it. One that throws when it is read is read word by word. */
function wordsOf(error: object): Words {
  try {
    const { name, code, message, constructor } = error as Partial<Words>;
    return { name, code, message, className: constructor?.name };
  } catch {
    const className = propertyOf(propertyOf(error, 'constructor'), 'name');
    return { name: propertyOf(error, 'name'), code: propertyOf(error, 'code'), message: propertyOf(error, 'message'), className };
  }
}

function areOfCancelled(error: object, { name, code, message, className }: Words): boolean {
  if (NAMES.has(name) || CODES.has(code)) return true;
  if (code === 1) return isRpcCancelled(error, name);
  // The class of openai sets no name, and a minifier takes the class's own; the message stays.
  return isAbortedDomException(error, code) || NAMES.has(className) || message === 'Request was aborted.';
}

/** ioredis, and node-redis before version 4, call it an `AbortError` when a connection is lost while commands wait for their answers. */
function isLostByRedis(message: unknown): boolean {
  return typeof message === 'string' && /^(Command aborted due to connection close|Redis connection lost and command aborted)/.test(message);
}

/** What grpc-js says of a call that its client cancelled. A server that answers `CANCELLED` has words of its own, and is a failure. */
const CANCELLED_ON_CLIENT: ReadonlySet<unknown> = new Set(['Cancelled on client', 'Cancelled by parent call']);

/** Status 1 is `CANCELLED` in gRPC and Connect only: it is an exit code of a child process, and an error of MongoDB, too. */
function isRpcCancelled(error: object, name: unknown): boolean {
  return name === 'ConnectError' ? isConnectCancelled(error) : CANCELLED_ON_CLIENT.has(propertyOf(error, 'details'));
}

/** Connect gives this status also to a session that is lost, and to what the server cancelled: its headers are in `metadata` then. */
function isConnectCancelled(error: object): boolean {
  const message = propertyOf(error, 'rawMessage');
  const isStreamLost = typeof message === 'string' && message.startsWith('http/2 stream closed');
  return !isStreamLost && !hasHeaders(propertyOf(error, 'metadata'));
}

function hasHeaders(headers: unknown): boolean {
  try {
    return (headers as Headers).keys().next().done === false;
  } catch {
    return false;
  }
}

/** A `DOMException` of any realm carries its constants: a bare `code: 20` may be anything. */
function isAbortedDomException(error: object, code: unknown): boolean {
  return code === 20 && propertyOf(error, 'ABORT_ERR') === 20;
}

/** An abort passed on several times is followed this far; also what ends a cycle. */
const DEEPEST = 4;

function isCausedByTimeout(error: unknown): boolean {
  let current = error;
  for (let depth = 0; depth < DEEPEST && saysCancelled(current); depth++) {
    current = propertyOf(current, 'cause') ?? propertyOf(current, 'reason') ?? reasonOfSignal(current);
    if (propertyOf(current, 'name') === 'TimeoutError') return true;
  }
  return isTimeoutOfConnect(error);
}

/** Connect keeps no more of a `TimeoutError` than its message, in the words of the runtime; any other reason is its cause. */
function isTimeoutOfConnect(error: unknown): boolean {
  const message = propertyOf(error, 'rawMessage');
  return typeof message === 'string' && message.length < 100 && /\btimed? ?out\b/.test(message) && propertyOf(error, 'cause') === undefined;
}

/** Axios names no cause, but keeps the signal that it was given. */
function reasonOfSignal(error: unknown): unknown {
  return propertyOf(propertyOf(propertyOf(error, 'config'), 'signal'), 'reason');
}
