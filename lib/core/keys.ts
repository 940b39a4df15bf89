import type { Args } from './call';
import { ignoreRejection, isThenable } from './call-safely';
import { ConfigurationError } from './errors';
import { optional } from './check';
import { fn, integer } from './options';
import { receiverOf } from './receiver';
import type { ArgsOf } from './signature';
import { asText, cut } from './safe-inspect';

/** Names the part of an operation, such as a host or a tenant, that a call belongs to. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type KeyFunction<F = any> = (...args: ArgsOf<F>) => string;

/** For policies that keep something apart for each key. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export interface KeyOptions<F = any> {
  /** The part of the operation (host, tenant, shard) that a call belongs to, from its arguments: each has a state of its own. @defaultValue one for all calls */
  key?: KeyFunction<F> | undefined;
  /** Keys whose state is kept; integer ≥ 1. For room, the least recently used idle one goes; while none is idle, new keys share one state. @defaultValue 1000 */
  maxKeys?: number | undefined;
}

export const keyOptions = {
  key: optional(fn<KeyFunction>()),
  maxKeys: optional(integer(1), 1000),
};

/** The key of a call. @throws {@link ConfigurationError} when the function throws, or gives no string. */
export function keyOfCall(keyOf: KeyFunction, operation: string, self: unknown, args: Args): string {
  let key: unknown;
  try {
    key = keyOf.apply(receiverOf(self), args as unknown[]);
  } catch (cause) {
    throw keyError(operation, __DEV__ && `the key function threw ${cut(asText(cause), 200)}`, undefined);
  }
  if (typeof key === 'string') return key;
  ignoreRejection(key);
  throw keyError(operation, __DEV__ && `the key function must return a string${isThenable(key) ? ' at once, not a promise' : ''}`, key);
}

function keyError(operation: string, problem: string | false, received: unknown): ConfigurationError {
  return new ConfigurationError(`key of ${operation}`, [{ path: 'key', message: problem || 'invalid', received }], operation);
}
