import { isCancelled } from '../core/cancelled';
import { statusFieldsOf, propertyOf } from '../core/safe-inspect';
import { causesOf } from './causes';
import { isConnectionFailure } from './connection-failure';

/**
 * The HTTP status by which a server refused, 300 to 599, of a response or an error, wherever clients put it ({@link statusFieldsOf}); that
 * for which a gRPC status stands; of an error that wraps others, theirs. undefined where there is none: an error with status 200 says that the answer began well, and broke later.
 */
export function statusOf(subject: unknown): number | undefined {
  for (const one of causesOf(subject)) {
    const status = statusFieldsOf(one).find(isRefusingStatus) ?? rpcStatusOf(one);
    if (status !== undefined) return status;
  }
  return undefined;
}

function isRefusingStatus(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 300 && (value as number) <= 599;
}

/** 408, 425 and 429 ask for another try, later; 5xx says that the server failed. */
export function isTransientStatus(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500;
}

/**
 * Whether a response is a failure that may pass: status 408, 425, 429 or 5xx. For `handleResult`, as `fetch` takes a 503 for a
 * success.
 *
 * @param response - A `Response`, an object with a numeric `status` or `statusCode`, or an error that has one, or whose
 *   `response` has, or that of a gRPC call. Anything else is none.
 */
export function httpFailure(response: unknown): boolean {
  const status = statusOf(response);
  return status !== undefined && isTransientStatus(status);
}

/** Whether another attempt may go better than the one that failed with this error. */
export function isTransientError(error: unknown): boolean {
  if (isCancelled(error)) return false;
  return statusOf(error) === undefined ? isConnectionFailure(error) : httpFailure(error);
}

/** Whether a response says that the server is unwell. A 4xx, 429 too, is an answer. */
export function isServerFailure(response: unknown): boolean {
  const status = statusOf(response);
  return status !== undefined && status >= 500;
}

/** Whether an error says that the server is unwell: anything but an answer below 500. */
export function isOutage(error: unknown): boolean {
  return statusOf(error) === undefined || isServerFailure(error);
}

/** Whether a response says that the request was one too many: 429 or 503. */
export function isRefusal(response: unknown): boolean {
  const status = statusOf(response);
  return status === 429 || status === 503;
}

/** Whether an error says that the server did not take the request on: it refused, or gave no answer. */
export function isRefusedRequest(error: unknown): boolean {
  return statusOf(error) === undefined || isRefusal(error);
}

/**
 * The HTTP status that each status of gRPC and Connect stands for; 0 is no failure. 1 is `CANCELLED`, here by the server, which then
 * did not do its work: the standard's 499 is for a caller that left.
 *
 * @see https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto
 */
const AS_HTTP: readonly (number | undefined)[] = [
  undefined, 500, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401,
];

/**
 * The HTTP status that corresponds to the status of a gRPC call; undefined for other errors. A `code` alone says little: it is the exit
 * code of a process, too. So it must come with metadata, and with the `details` of grpc-js or the name of Connect's error.
 */
export function rpcStatusOf(error: unknown): number | undefined {
  const code = propertyOf(error, 'code');
  if (typeof code !== 'number' || !isObject(propertyOf(error, 'metadata'))) return undefined;
  const isRpc = typeof propertyOf(error, 'details') === 'string' || propertyOf(error, 'name') === 'ConnectError';
  return isRpc && !isCancelled(error) ? AS_HTTP[code] : undefined;
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
