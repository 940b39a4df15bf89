import { disown, isThenable } from './contained';
import { ConfigurationError } from './errors';
import { propertyOf } from './thrown';

/**
 * Refuses a result whose outcome nobody would see: an Observable, which runs when it is subscribed to, and the promise of a function that is protected
 * as a synchronous one. Their calls would all count as successes, and the circuit would never open.
 *
 * @throws {@link ConfigurationError}
 */
export function checkResult(result: unknown, operation: string, isSync = false): void {
  const isPromise = isThenable(result);
  if (isPromise ? !isSync : typeof propertyOf(result, 'subscribe') !== 'function') return;
  disown(result);
  throw new ConfigurationError(operation, [{ path: 'fn', message: __DEV__ ? (isPromise ? ASYNC : OBSERVABLE) : 'invalid', received: result }], operation);
}

const ASYNC = 'must be synchronous, for what its promise comes to is not seen: use withBreaker, or execute, in place of withBreakerSync or executeSync';
const OBSERVABLE = 'must return a promise, for an Observable runs only when it is subscribed to: return firstValueFrom(observable), or toArray of it, or give a stream';
