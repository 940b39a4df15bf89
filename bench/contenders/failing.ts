import { withBreaker } from 'breaker-box';
import { ConsecutiveBreaker } from 'cockatiel';
import { handWrittenBreaker } from '../hand-written';
import { each, failing } from '../operations';
import { byCockatiel } from '../peers/cockatiel';
import { byMollitiaNeverOpen } from '../peers/mollitia';
import { byOpossumNeverOpen } from '../peers/opossum';
import { awaitedAndCaught, type Group } from '../timing';
import { BARE, HAND_WRITTEN, OURS } from './names';

/** A call that fails, through a circuit that never opens, whatever the number of failures. */
export function failures(): Group {
  return {
    title: 'Failing call',
    loop: awaitedAndCaught,
    contenders: [
      { name: BARE, calls: Object.values(failing()) },
      { name: HAND_WRITTEN, calls: each(failing(), (operation) => handWrittenBreaker(operation, Infinity)) },
      { name: OURS, library: 'breaker-box', calls: each(failing(), (operation) => withBreaker(operation, { failureThreshold: Infinity })) },
      { name: 'cockatiel', library: 'cockatiel', calls: each(failing(), (operation) => byCockatiel(operation, new ConsecutiveBreaker(Infinity))) },
      { name: 'mollitia', library: 'mollitia', calls: each(failing(), byMollitiaNeverOpen) },
      { name: 'opossum without percentiles', library: 'opossum', calls: each(failing(), byOpossumNeverOpen) },
    ],
  };
}
