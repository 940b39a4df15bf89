import { circuitBreaker, ConsecutiveBreaker, ExponentialBackoff, handleAll, retry, wrap, type CircuitBreakerPolicy, type IBreaker } from 'cockatiel';
import Opossum from 'opossum';
import type { Operation } from '../operations';

/** Longer than any run of the benchmark: a circuit that was opened stays open. */
export const ONE_DAY_MS = 86_400_000;

function cockatielBreaker(breaker: IBreaker = new ConsecutiveBreaker(5)): CircuitBreakerPolicy {
  return circuitBreaker(handleAll, { halfOpenAfter: ONE_DAY_MS, breaker });
}

/** As cockatiel is used: a policy runs a function that closes over its arguments. */
export function byCockatiel(operation: Operation, breaker?: IBreaker): Operation {
  const policy = cockatielBreaker(breaker);
  return (id) => policy.execute(() => operation(id));
}

export function byCockatielWithRetry(operation: Operation): Operation {
  const policy = wrap(retry(handleAll, { maxAttempts: 3, backoff: new ExponentialBackoff() }), cockatielBreaker());
  return (id) => policy.execute(() => operation(id));
}

/** Opossum without its timeout, which would cost a timer a call; its other defaults, statistics included, stay. */
export function opossumBreaker(operation: Operation): Opossum<[number], unknown> {
  return new Opossum(operation, { timeout: false, resetTimeout: ONE_DAY_MS });
}

export function byOpossum(operation: Operation): Operation {
  const breaker = opossumBreaker(operation);
  return (id) => breaker.fire(id);
}
