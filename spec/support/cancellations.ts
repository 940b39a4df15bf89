type Make = () => unknown;

const error = (message: string, fields: object): Error => Object.assign(new Error(message), fields);

/** As grpc-js makes it: no field of its own says that it is an error of gRPC. */
export const rpcError = (details: string): Error => error(`1 CANCELLED: ${details}`, { code: 1, details, metadata: { internalRepr: new Map() } });

/** As Connect makes it. */
export const connectError = (rawMessage: string, fields: object = {}): Error =>
  error(`[canceled] ${rawMessage}`, { name: 'ConnectError', code: 1, rawMessage, metadata: new Headers(), details: [], cause: undefined, ...fields });

/** As openai makes it: its `name` stays `Error`. */
class APIUserAbortError extends Error {
  readonly requestID = undefined;
}

/** A `DOMException` of another realm, or of a polyfill: it has the constants of one. */
const foreignDomException = (): object => ({ name: 'Error', code: 20, ABORT_ERR: 20, message: 'aborted' });

/** What clients reject with when the program that uses them has cancelled a request. */
export const CANCELLATIONS: readonly (readonly [string, Make])[] = [
  ['the platform, fetch', () => new DOMException('stopped', 'AbortError')],
  ['the platform, in another realm', foreignDomException],
  ['Node', () => error('The operation was aborted', { name: 'AbortError', code: 'ABORT_ERR', cause: new DOMException('stopped', 'AbortError') })],
  ['Node, for a reason of the caller’s', () => error('The operation was aborted', { name: 'AbortError', code: 'ABORT_ERR', cause: new Error('left') })],
  ['undici', () => error('Request aborted', { name: 'RequestAbortedError', code: 'UND_ERR_ABORTED' })],
  ['axios', () => error('canceled', { name: 'CanceledError', code: 'ERR_CANCELED', config: { signal: AbortSignal.abort() } })],
  ['axios without a signal', () => error('bye', { name: 'CanceledError', code: 'ERR_CANCELED', config: {} })],
  ['got', () => error('Promise was canceled', { name: 'CancelError', code: 'ERR_CANCELED', cause: {} })],
  ['p-cancelable', () => error('Promise was canceled', { name: 'CancelError', isCanceled: true })],
  ['TanStack Query', () => error('CancelledError', { name: 'CancelledError' })],
  ['openai', () => new APIUserAbortError('Request was aborted.')],
  ['openai, its class renamed by a minifier', () => error('Request was aborted.', { requestID: undefined })],
  ['anthropic', () => error('Request was aborted.', { name: 'APIUserAbortError' })],
  ['gRPC', () => rpcError('Cancelled on client')],
  ['gRPC, with the call around it', () => rpcError('Cancelled by parent call')],
  ['Connect', () => connectError('This operation was aborted')],
  ['Connect, for a reason of the caller’s', () => connectError('the user timed out', { cause: new Error('the user timed out') })],
];

const timeout = (): Error => new DOMException('The operation was aborted due to timeout', 'TimeoutError');

/** What clients reject with when their own time-out, made of a signal, has ended a request. */
export const TIMEOUTS_BY_ABORT: readonly (readonly [string, Make])[] = [
  ['a cause', () => error('The operation was aborted', { name: 'AbortError', code: 'ABORT_ERR', cause: timeout() })],
  ['a reason', () => error('aborted', { name: 'AbortError', reason: timeout() })],
  ['the cause of its cause', () => error('aborted', { name: 'AbortError', cause: error('aborted', { code: 'UND_ERR_ABORTED', reason: timeout() }) })],
  ['the signal that axios was given', () => error('canceled', { name: 'CanceledError', code: 'ERR_CANCELED', config: { signal: AbortSignal.abort(timeout()) } })],
  ['a message of Connect, on Node', () => connectError('The operation was aborted due to timeout')],
  ['a message of Connect, in Chromium', () => connectError('signal timed out')],
  ['a message of Connect, in Firefox and Bun', () => connectError('The operation timed out.')],
];
