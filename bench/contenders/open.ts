import { withBreaker } from 'breaker-box';
import { handWrittenBreaker } from '../hand-written';
import { each, failing, type Operation } from '../operations';
import { byCockatiel } from '../peers/cockatiel';
import { byOpenMollitia } from '../peers/mollitia';
import { byOpenOpossum } from '../peers/opossum';
import { ONE_DAY_MS } from '../settings';
import { awaitedAndCaught, untilReturned, type Contender, type Group } from '../timing';
import { BARE, HAND_WRITTEN, OURS } from './names';

/** A call that an open circuit rejects: until its rejection is caught, and only until it returns a promise. */
export async function open(): Promise<Group[]> {
  const contenders: Contender[] = [
    { name: BARE, calls: Object.values(failing()) },
    { name: HAND_WRITTEN, calls: each(failing(), (operation) => handWrittenBreaker(operation, 5, ONE_DAY_MS)) },
    { name: OURS, library: 'breaker-box', calls: each(failing(), (operation) => withBreaker(operation, { recoveryTimeout: '1d' })) },
    {
      name: 'breaker-box rejectionStacks',
      library: 'breaker-box',
      calls: each(failing(), (operation) => withBreaker(operation, { recoveryTimeout: '1d', rejectionStacks: true })),
    },
    { name: 'cockatiel', library: 'cockatiel', calls: each(failing(), byCockatiel) },
    { name: 'mollitia', library: 'mollitia', calls: each(failing(), byOpenMollitia) },
    { name: 'opossum', library: 'opossum', calls: each(failing(), byOpenOpossum) },
  ];
  // By failures, as it happens, so that each has a last failure to tell of.
  for (const { calls } of contenders) await Promise.all(calls.map(failFiveTimes));
  return [
    { title: 'Open circuit', loop: awaitedAndCaught, contenders },
    { title: 'Open circuit, the call without the await', loop: untilReturned, contenders: contenders.filter(decidesAtOnce) },
  ];
}

/** Mollitia asks for its state by a promise: a call has returned before it knows that the circuit is open. */
function decidesAtOnce({ library }: Contender): boolean {
  return library !== 'mollitia';
}

async function failFiveTimes(call: Operation): Promise<void> {
  for (let i = 0; i < 5; i++) await call(i).catch(() => undefined);
}
