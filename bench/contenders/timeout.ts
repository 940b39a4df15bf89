import { withPolicies } from 'breaker-box';
import { handWrittenTimeout } from '../hand-written-timeout';
import { working } from '../operations';
import { byCockatielTimeout } from '../peers/cockatiel';
import { byEffect } from '../peers/effect';
import { byMollitiaTimeout } from '../peers/mollitia';
import { timesOut } from '../proofs';
import { TIMEOUT_MS } from '../settings';
import { awaited, type Group } from '../timing';
import { around } from './around';
import { BARE, OURS } from './names';

/** A call that works at once, under a timeout and nothing else. Opossum has none without a breaker. */
export async function timeoutAlone(): Promise<Group> {
  const effect = await byEffect();
  return {
    title: 'Timeout',
    loop: awaited,
    proofs: [timesOut],
    contenders: [
      { name: BARE, calls: Object.values(working()) },
      { name: 'hand-written timeout', ...around((operation) => handWrittenTimeout(operation, TIMEOUT_MS)) },
      { name: OURS, library: 'breaker-box', ...around((operation) => withPolicies(operation, { timeout: TIMEOUT_MS })) },
      { name: 'cockatiel', library: 'cockatiel', ...around(byCockatielTimeout) },
      { name: 'effect', library: 'effect', ...around(effect.timeout) },
      { name: 'mollitia', library: 'mollitia', ...around(byMollitiaTimeout) },
    ],
  };
}
