import { withPolicies } from 'breaker-box';
import { handWrittenTimeout } from '../hand-written-timeout';
import { answering, working, type Protect } from '../operations';
import { byCockatielTimeout } from '../peers/cockatiel';
import { byEffect } from '../peers/effect';
import { byMollitiaTimeout } from '../peers/mollitia';
import { timesOut } from '../proofs';
import { TIMEOUT_MS } from '../settings';
import { awaited, type Group } from '../timing';
import { around } from './around';
import { BARE, OURS } from './names';

/** A call that works at once, under a timeout and nothing else. Opossum has none without a breaker. */
export function timeoutAlone(): Promise<Group> {
  return underTimeout('Timeout', working);
}

/** The same, where the call is under way when the turn of the event loop ends, so that a timer must be there. */
export function timeoutAcrossTurns(): Promise<Group> {
  return underTimeout('Timeout, answer in the next turn', answering);
}

async function underTimeout(title: string, functions: typeof working): Promise<Group> {
  const effect = await byEffect();
  const by = (protect: Protect) => around(protect, functions);
  return {
    title,
    loop: awaited,
    proofs: [timesOut],
    contenders: [
      { name: BARE, calls: Object.values(functions()) },
      { name: 'hand-written timeout', ...by((operation) => handWrittenTimeout(operation, TIMEOUT_MS)) },
      { name: OURS, library: 'breaker-box', ...by((operation) => withPolicies(operation, { timeout: TIMEOUT_MS })) },
      { name: 'cockatiel', library: 'cockatiel', ...by(byCockatielTimeout) },
      { name: 'effect', library: 'effect', ...by(effect.timeout) },
      { name: 'mollitia', library: 'mollitia', ...by(byMollitiaTimeout) },
    ],
  };
}
