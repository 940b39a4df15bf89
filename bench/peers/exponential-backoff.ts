import { backOff } from 'exponential-backoff';
import type { Operation } from '../operations';
import { ATTEMPTS, BASE_DELAY_MS } from '../settings';

const options = { numOfAttempts: ATTEMPTS, startingDelay: BASE_DELAY_MS, jitter: 'full' } as const;

export function byExponentialBackoff(operation: Operation): Operation {
  return (id) => backOff(() => operation(id), options);
}
