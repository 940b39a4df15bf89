import { withPolicies } from 'breaker-box';
import { handWrittenBreaker } from '../hand-written';
import { handWrittenRetry } from '../hand-written-retry';
import { each, working } from '../operations';
import { byCockatielRetryAndBreaker } from '../peers/cockatiel';
import { byMollitiaRetryAndBreaker } from '../peers/mollitia';
import { byOpossum } from '../peers/opossum';
import { pRetry } from '../peers/p-retry';
import { opensAfter, retries } from '../proofs';
import { awaited, type Group } from '../timing';
import { around } from './around';
import { BARE, HAND_WRITTEN, OURS } from './names';
import { byRetryOverCircuitBreaker } from './decorated';

/** The contender that the targets name. */
export const DECORATED = 'breaker-box @Retry over @CircuitBreaker';

/** A call that works at its first attempt, under a retry around a breaker. */
export async function retryAndBreaker(): Promise<Group> {
  const retrying = await pRetry();
  return {
    title: 'Retry and breaker',
    loop: awaited,
    proofs: [retries, opensAfter(20)],
    contenders: [
      { name: BARE, calls: Object.values(working()) },
      { name: HAND_WRITTEN, calls: each(working(), (operation) => handWrittenBreaker(operation)) },
      { name: 'hand-written retry and breaker', ...around((operation) => handWrittenRetry(handWrittenBreaker(operation))) },
      { name: OURS, library: 'breaker-box', ...around((operation) => withPolicies(operation, { retry: {}, breaker: {} })) },
      { name: DECORATED, library: 'breaker-box', calls: byRetryOverCircuitBreaker() },
      { name: 'cockatiel', library: 'cockatiel', ...around(byCockatielRetryAndBreaker) },
      { name: 'mollitia', library: 'mollitia', ...around(byMollitiaRetryAndBreaker) },
      { name: 'opossum under p-retry', library: 'opossum', ...around((operation) => retrying(byOpossum(operation))) },
    ],
  };
}
