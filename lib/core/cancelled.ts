import { propertyOf } from './safe-inspect';

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
const NAMES: readonly unknown[] = ['AbortError', 'CanceledError', 'CancelledError', 'CancelError', 'APIUserAbortError'];

/** Codes of Node, undici, axios and got. */
const CODES: readonly unknown[] = ['ABORT_ERR', 'UND_ERR_ABORTED', 'ERR_CANCELED'];

/** ioredis, and node-redis before version 4, call it an `AbortError` when a connection is lost while commands wait for their answers. */
const LOST_BY_REDIS = /^(Command aborted due to connection close|Redis connection lost and command aborted)/;

function saysCancelled(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const code = propertyOf(error, 'code');
  const message = textOf(error, 'message');
  const isCancelledError =
    NAMES.includes(propertyOf(error, 'name')) ||
    CODES.includes(code) ||
    (code === 1 && isRpcCancelled(error)) ||
    // A `DOMException` of any realm carries its constants: a bare `code: 20` may be anything.
    (code === 20 && propertyOf(error, 'ABORT_ERR') === 20) ||
    // The class of openai sets no name, and a minifier takes the class's own; the message stays.
    NAMES.includes(propertyAt(error, 'constructor', 'name')) ||
    message === 'Request was aborted.';
  return isCancelledError && !LOST_BY_REDIS.test(message);
}

function propertyAt(error: unknown, ...path: string[]): unknown {
  return path.reduce(propertyOf, error);
}

function textOf(error: unknown, name: string): string {
  const text = propertyOf(error, name);
  return typeof text === 'string' ? text : '';
}

/** The details of grpc-js for a call that its client cancelled. A server that answers `CANCELLED` has words of its own, and is a failure. */
const CANCELLED_ON_CLIENT: readonly unknown[] = ['Cancelled on client', 'Cancelled by parent call'];

/**
 * Status 1 is `CANCELLED` in gRPC and Connect only: it is an exit code of a child process, and an error of MongoDB, too. Connect gives it also
 * to a session that is lost, and to what the server cancelled: its headers are in `metadata` then.
 */
function isRpcCancelled(error: object): boolean {
  if (propertyOf(error, 'name') !== 'ConnectError') return CANCELLED_ON_CLIENT.includes(propertyOf(error, 'details'));
  return !textOf(error, 'rawMessage').startsWith('http/2 stream closed') && !hasHeaders(propertyOf(error, 'metadata'));
}

function hasHeaders(headers: unknown): boolean {
  try {
    return (headers as Headers).keys().next().done === false;
  } catch {
    return false;
  }
}

/** An abort passed on several times is followed this far; also what ends a cycle. */
const DEEPEST = 4;

function isCausedByTimeout(error: unknown): boolean {
  let current = error;
  for (let depth = 0; depth < DEEPEST && saysCancelled(current); depth++) {
    // Axios names no cause, but keeps the signal that it was given.
    current = propertyOf(current, 'cause') ?? propertyOf(current, 'reason') ?? propertyAt(current, 'config', 'signal', 'reason');
    if (propertyOf(current, 'name') === 'TimeoutError') return true;
  }
  // Connect keeps no more of a `TimeoutError` than its message, in the words of the runtime; any other reason is its cause.
  const message = textOf(error, 'rawMessage');
  return message.length < 100 && /\btimed? ?out\b/.test(message) && propertyOf(error, 'cause') === undefined;
}
