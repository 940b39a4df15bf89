import { withRetry } from 'breaker-box';
import { handWrittenRetry } from '../hand-written-retry';
import { working } from '../operations';
import { byCockatielRetry } from '../peers/cockatiel';
import { byEffect } from '../peers/effect';
import { byExponentialBackoff } from '../peers/exponential-backoff';
import { byMollitiaRetry } from '../peers/mollitia';
import { pRetry } from '../peers/p-retry';
import { retries } from '../proofs';
import { awaited, type Group } from '../timing';
import { around } from './around';
import { BARE, OURS } from './names';

/** A call that works at its first attempt, as most do, under a retry and nothing else. */
export async function retryAlone(): Promise<Group> {
  const effect = await byEffect();
  return {
    title: 'Retry',
    loop: awaited,
    proofs: [retries],
    contenders: [
      { name: BARE, calls: Object.values(working()) },
      { name: 'hand-written retry', ...around((operation) => handWrittenRetry(operation)) },
      { name: OURS, library: 'breaker-box', ...around((operation) => withRetry(operation)) },
      { name: 'cockatiel', library: 'cockatiel', ...around(byCockatielRetry) },
      { name: 'effect', library: 'effect', ...around(effect.retry) },
      { name: 'exponential-backoff', library: 'exponential-backoff', ...around(byExponentialBackoff) },
      { name: 'mollitia', library: 'mollitia', ...around(byMollitiaRetry) },
      { name: 'p-retry', library: 'p-retry', ...around(await pRetry()) },
    ],
  };
}
