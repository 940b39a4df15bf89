import type { AnyFunction } from './call';
import { disown } from './contained';
import { ConfigurationError } from './errors';
import { FunctionRunner, type Runner } from './runner';
import { StreamFunctionRunner } from './stream';

/**
 * A function that answers in the place of the protected one, as the innermost layer that it then is.
 *
 * @param role - As errors name it: `use of the fallback`.
 */
export function substitute(fn: AnyFunction, role: string, { operation, isStream }: { operation: string; isStream: boolean }): Runner {
  if (!isStream) return new FunctionRunner(fn);
  return new StreamFunctionRunner(function (this: unknown, ...args: unknown[]): AsyncIterable<unknown> {
    const answer = fn.apply(this, args);
    if (isAsyncIterable(answer)) return answer;
    disown(answer);
    const message = 'must give an async iterable, as the function does in whose place it answers';
    throw new ConfigurationError(operation, [{ path: role, message, received: answer }], operation);
  });
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof (value as Partial<AsyncIterable<unknown>> | null | undefined)?.[Symbol.asyncIterator] === 'function';
}
