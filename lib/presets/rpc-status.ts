import { isCancelled } from '../core/cancelled';
import { propertyOf } from '../core/thrown';

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
 * What the status of a gRPC call would be as that of HTTP; undefined for other errors. A `code` alone says little: it is the exit
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
