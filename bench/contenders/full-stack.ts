import { withPolicies, type PolicyOptions } from 'breaker-box';
import { each, working } from '../operations';
import { byCockatielFullStack } from '../peers/cockatiel';
import { byEffect } from '../peers/effect';
import { byMollitiaFullStack } from '../peers/mollitia';
import { byOpossumStack } from '../peers/opossum';
import { pRetry } from '../peers/p-retry';
import { MAX_CONCURRENT, TIMEOUT_MS } from '../settings';
import { awaited, type Group } from '../timing';
import { BARE, OURS } from './names';

export const FULL_STACK: PolicyOptions = { retry: {}, breaker: {}, bulkhead: MAX_CONCURRENT, timeout: TIMEOUT_MS };

/** A call that works at once, under a retry, a breaker, a bulkhead and a timeout. */
export async function fullStack(): Promise<Group> {
  const [retrying, effect] = await Promise.all([pRetry(), byEffect()]);
  return {
    title: 'Retry, breaker, bulkhead and timeout',
    loop: awaited,
    contenders: [
      { name: BARE, calls: Object.values(working()) },
      { name: OURS, library: 'breaker-box', calls: each(working(), (operation) => withPolicies(operation, FULL_STACK)) },
      { name: 'cockatiel', library: 'cockatiel', calls: each(working(), byCockatielFullStack) },
      { name: 'effect', library: 'effect', lacks: 'a breaker', calls: each(working(), effect.stack) },
      { name: 'mollitia', library: 'mollitia', calls: each(working(), byMollitiaFullStack) },
      { name: 'opossum under p-retry', library: 'opossum', calls: each(working(), (operation) => retrying(byOpossumStack(operation))) },
    ],
  };
}
