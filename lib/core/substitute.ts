import type { AnyFunction } from './call';
import { ignoreRejection } from './call-safely';
import { ConfigurationError } from './errors';
import type { LayerContext, Run } from './policy';
import { promises } from './run';
import { isAsyncIterable, streams } from './stream';

/**
 * A function that answers in place of the protected one, as an innermost layer.
 *
 * @param role - As errors name it: `use of the fallback`.
 */
export function substitute(fn: AnyFunction, role: string, { operation, isStream }: Pick<LayerContext, 'operation' | 'isStream'>): Run {
  if (!isStream) return promises.call(fn);
  return streams.call(function (this: unknown, ...args) {
    const answer = fn.apply(this, args);
    if (isAsyncIterable(answer)) return answer;
    ignoreRejection(answer);
    const message = 'must give an async iterable, as the function does in whose place it answers';
    throw new ConfigurationError(operation, [{ path: role, message, received: answer }], operation);
  });
}
