import { isThenable, nothing } from './call-safely';
import { ConfigurationError } from './errors';
import { propertyOf } from './safe-inspect';

/** Whether a result looks like a native promise as the engine makes it. One that throws when it is looked at does not. */
function isPlainPromise(result: unknown): result is Promise<unknown> {
  try {
    return result instanceof Promise && result.constructor === Promise && result.then === Promise.prototype.then;
  } catch {
    return false;
  }
}

/**
 * Refuses an Observable, which runs when it is subscribed to: nobody would see how it ends, and all calls would count as successes.
 *
 * @throws {@link ConfigurationError}
 */
export function checkResult(result: unknown, operation: string): void {
  if (typeof propertyOf(result, 'subscribe') !== 'function' || isThenable(result)) return;
  refuse(result, operation, __DEV__ && 'must return a promise, for an Observable runs only when it is subscribed to: return firstValueFrom(observable), or give a stream');
}

/** The same for a synchronous function, whose promise is refused as well. */
export function checkSyncResult(result: unknown, operation: string): void {
  if (!isPlainPromise(result)) return checkResult(result, operation);
  try {
    result.then(undefined, nothing);
  } catch {
    return; // It only looks like one.
  }
  refuse(result, operation, __DEV__ && 'must be synchronous, for nobody sees how its promise ends: use withBreaker in place of withBreakerSync, execute in place of executeSync');
}

function refuse(received: unknown, operation: string, message: string | false): never {
  throw new ConfigurationError(operation, [{ path: 'fn', message: message || 'invalid', received }], operation);
}
