import { withPolicies, type PolicyOptions } from 'breaker-box';
import { working } from '../operations';
import { byCockatielFullStack } from '../peers/cockatiel';
import { byEffect } from '../peers/effect';
import { byMollitiaFullStack } from '../peers/mollitia';
import { byOpossumStack } from '../peers/opossum';
import { pRetry } from '../peers/p-retry';
import { bounds, opensAfter, retriesTimeouts } from '../proofs';
import { MAX_CONCURRENT, TIMEOUT_MS } from '../settings';
import { awaited, type Group } from '../timing';
import { around } from './around';
import { BARE, OURS } from './names';

export const FULL_STACK: PolicyOptions = { retry: {}, breaker: {}, bulkhead: MAX_CONCURRENT, timeout: TIMEOUT_MS };

const opens = opensAfter(20);

/** A call that works at once, under a retry, a breaker, a bulkhead and a timeout. */
export async function fullStack(): Promise<Group> {
  const [retrying, effect] = await Promise.all([pRetry(), byEffect()]);
  return {
    title: 'Retry, breaker, bulkhead and timeout',
    loop: awaited,
    proofs: [retriesTimeouts, bounds, opens],
    contenders: [
      { name: BARE, calls: Object.values(working()) },
      { name: OURS, library: 'breaker-box', ...around((operation) => withPolicies(operation, FULL_STACK)) },
      { name: 'cockatiel', library: 'cockatiel', ...around(byCockatielFullStack) },
      { name: 'effect', library: 'effect', lacks: { part: 'a breaker', proof: opens }, ...around(effect.stack) },
      { name: 'mollitia', library: 'mollitia', ...around(byMollitiaFullStack) },
      { name: 'opossum under p-retry', library: 'opossum', ...around((operation) => retrying(byOpossumStack(operation))) },
    ],
  };
}
