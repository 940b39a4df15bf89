import { withBreaker } from 'breaker-box';
import { handWrittenBreaker } from '../hand-written';
import { each, failing, type Operation } from '../operations';
import { awaitedAndCaught, untilReturned, type Contender, type Group } from '../timing';
import { byCockatiel, ONE_DAY_MS, opossumBreaker } from './peers';

/** A call that an open circuit rejects: until its rejection is caught, and only until it returns a promise. */
export async function open(): Promise<Group[]> {
  const contenders: Contender[] = [
    { name: 'hand-written', calls: each(failing(), (operation) => handWrittenBreaker(operation, 5, ONE_DAY_MS)) },
    { name: 'withBreaker', calls: each(failing(), (operation) => withBreaker(operation, { recoveryTimeout: '1d' })) },
    {
      name: 'withBreaker, rejectionStacks',
      calls: each(failing(), (operation) => withBreaker(operation, { recoveryTimeout: '1d', rejectionStacks: true })),
    },
    { name: 'cockatiel', calls: each(failing(), (operation) => byCockatiel(operation)) },
    { name: 'opossum', calls: each(failing(), openOpossum) },
  ];
  // By failures, as it happens, so that each has a last failure to tell of.
  for (const { calls } of contenders) await Promise.all(calls.map(failFiveTimes));
  return [
    { title: 'Open circuit', loop: awaitedAndCaught, contenders },
    { title: 'Open circuit, the call without the await', loop: untilReturned, contenders },
  ];
}

async function failFiveTimes(call: Operation): Promise<void> {
  for (let i = 0; i < 5; i++) await call(i).catch(() => undefined);
}

function openOpossum(operation: Operation): Operation {
  const breaker = opossumBreaker(operation);
  breaker.open();
  return (id) => breaker.fire(id);
}
