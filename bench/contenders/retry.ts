import { withRetry } from 'breaker-box';
import { handWrittenRetry } from '../hand-written-retry';
import { each, working } from '../operations';
import { byCockatielRetry } from '../peers/cockatiel';
import { byEffect } from '../peers/effect';
import { byExponentialBackoff } from '../peers/exponential-backoff';
import { byMollitiaRetry } from '../peers/mollitia';
import { pRetry } from '../peers/p-retry';
import { awaited, type Group } from '../timing';
import { BARE, OURS } from './names';

/** A call that works at its first attempt, as most do, under a retry and nothing else. */
export async function retryAlone(): Promise<Group> {
  const effect = await byEffect();
  return {
    title: 'Retry',
    loop: awaited,
    contenders: [
      { name: BARE, calls: Object.values(working()) },
      { name: 'hand-written retry', calls: each(working(), (operation) => handWrittenRetry(operation)) },
      { name: OURS, library: 'breaker-box', calls: each(working(), (operation) => withRetry(operation)) },
      { name: 'cockatiel', library: 'cockatiel', calls: each(working(), byCockatielRetry) },
      { name: 'effect', library: 'effect', calls: each(working(), effect.retry) },
      { name: 'exponential-backoff', library: 'exponential-backoff', calls: each(working(), byExponentialBackoff) },
      { name: 'mollitia', library: 'mollitia', calls: each(working(), byMollitiaRetry) },
      { name: 'p-retry', library: 'p-retry', calls: each(working(), await pRetry()) },
    ],
  };
}
