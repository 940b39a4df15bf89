import { disown } from './contained';
import { ConfigurationError } from './errors';
import { receiverOf } from './receiver';
import type { Args } from './runner';
import { asText } from './thrown';

/** Names the part of an operation, such as a host or a tenant, that a call belongs to. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type KeyFunction = (...args: any[]) => string;

/** The key of a call. @throws {@link ConfigurationError} when the function throws, or gives no string. */
export function keyOfCall(keyOf: KeyFunction, operation: string, self: unknown, args: Args): string {
  let key: unknown;
  try {
    key = keyOf.apply(receiverOf(self), args as unknown[]);
  } catch (cause) {
    throw keyError(operation, `the key function threw ${asText(cause)}`, undefined);
  }
  if (typeof key === 'string') return key;
  disown(key);
  throw keyError(operation, 'the key function must return a string', key);
}

function keyError(operation: string, message: string, received: unknown): ConfigurationError {
  return new ConfigurationError(`key of ${operation}`, [{ path: 'key', message, received }], operation);
}
