import {
  bulkhead,
  circuitBreaker,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleAll,
  retry,
  timeout,
  TimeoutStrategy,
  wrap,
  type CircuitBreakerPolicy,
  type IBreaker,
  type IPolicy,
} from 'cockatiel';
import type { Operation } from '../operations';
import { ATTEMPTS, BASE_DELAY_MS, MAX_CONCURRENT, ONE_DAY_MS, TIMEOUT_MS } from '../settings';

export function cockatielBreaker(breaker: IBreaker = new ConsecutiveBreaker(5)): CircuitBreakerPolicy {
  return circuitBreaker(handleAll, { halfOpenAfter: ONE_DAY_MS, breaker });
}

export function byCockatiel(operation: Operation, breaker?: IBreaker): Operation {
  return protect(operation, cockatielBreaker(breaker));
}

export function byCockatielRetry(operation: Operation): Operation {
  return protect(operation, retrying());
}

export function byCockatielRetryAndBreaker(operation: Operation): Operation {
  return protect(operation, wrap(retrying(), cockatielBreaker()));
}

export function byCockatielTimeout(operation: Operation): Operation {
  return protect(operation, timingOut());
}

export function byCockatielFullStack(operation: Operation): Operation {
  return protect(operation, wrap(retrying(), cockatielBreaker(), bulkhead(MAX_CONCURRENT), timingOut()));
}

/** As cockatiel is used: a policy runs a function that closes over its arguments. */
function protect(operation: Operation, policy: IPolicy): Operation {
  return (id) => policy.execute(() => operation(id));
}

function retrying(): IPolicy {
  // Its `maxAttempts` does not count the first.
  return retry(handleAll, { maxAttempts: ATTEMPTS - 1, backoff: new ExponentialBackoff({ initialDelay: BASE_DELAY_MS }) });
}

/** Rejects at the deadline, as the others do, instead of waiting for the function to obey its signal. */
function timingOut(): IPolicy {
  return timeout(TIMEOUT_MS, TimeoutStrategy.Aggressive);
}
