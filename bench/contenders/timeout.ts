import { withPolicies } from 'breaker-box';
import { handWrittenTimeout } from '../hand-written-timeout';
import { each, working } from '../operations';
import { byCockatielTimeout } from '../peers/cockatiel';
import { byEffect } from '../peers/effect';
import { byMollitiaTimeout } from '../peers/mollitia';
import { TIMEOUT_MS } from '../settings';
import { awaited, type Group } from '../timing';
import { BARE, OURS } from './names';

/** A call that works at once, under a timeout and nothing else. Opossum has none without a breaker. */
export async function timeoutAlone(): Promise<Group> {
  const effect = await byEffect();
  return {
    title: 'Timeout',
    loop: awaited,
    contenders: [
      { name: BARE, calls: Object.values(working()) },
      { name: 'hand-written timeout', calls: each(working(), (operation) => handWrittenTimeout(operation, TIMEOUT_MS)) },
      { name: OURS, library: 'breaker-box', calls: each(working(), (operation) => withPolicies(operation, { timeout: TIMEOUT_MS })) },
      { name: 'cockatiel', library: 'cockatiel', calls: each(working(), byCockatielTimeout) },
      { name: 'effect', library: 'effect', calls: each(working(), effect.timeout) },
      { name: 'mollitia', library: 'mollitia', calls: each(working(), byMollitiaTimeout) },
    ],
  };
}
