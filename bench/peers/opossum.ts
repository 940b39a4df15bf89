import Opossum from 'opossum';
import type { Operation } from '../operations';
import { MAX_CONCURRENT, ONE_DAY_MS, TIMEOUT_MS } from '../settings';

/**
 * Opossum without its timeout, which would cost a timer a call, and with a volume below which it does not open, since by default
 * the first failure of all opens it, and a retry around it never comes to its second attempt. Its other defaults, statistics
 * included, stay.
 */
export function opossumBreaker(operation: Operation, options: Opossum.Options = {}): Opossum<[number], unknown> {
  return new Opossum(operation, { timeout: false, resetTimeout: ONE_DAY_MS, volumeThreshold: 5, ...options });
}

export function byOpossum(operation: Operation, options?: Opossum.Options): Operation {
  const breaker = opossumBreaker(operation, options);
  return (id) => breaker.fire(id);
}

/**
 * A circuit that no failure opens. Without percentiles: with them, opossum sorts the latencies of the last ten seconds at
 * every failure, so a failure costs the more the more calls there were, and one figure for it would say nothing.
 */
export function byOpossumNeverOpen(operation: Operation): Operation {
  return byOpossum(operation, { errorThresholdPercentage: 100, rollingPercentilesEnabled: false });
}

export function byOpenOpossum(operation: Operation): Operation {
  const breaker = opossumBreaker(operation);
  breaker.open();
  return (id) => breaker.fire(id);
}

/** All that opossum has of the full stack: breaker, timeout and bulkhead. It has no retry. */
export function byOpossumStack(operation: Operation): Operation {
  return byOpossum(operation, { timeout: TIMEOUT_MS, capacity: MAX_CONCURRENT });
}
