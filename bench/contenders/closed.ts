import { withBreaker } from 'breaker-box';
import { handWrittenBreaker } from '../hand-written';
import { each, working } from '../operations';
import { byCockatiel } from '../peers/cockatiel';
import { byMollitia } from '../peers/mollitia';
import { byOpossum } from '../peers/opossum';
import { awaited, type Group } from '../timing';
import { BARE, HAND_WRITTEN, OURS } from './names';
import { byCircuitBreaker } from './decorated';

/** A call that works, through a closed circuit, with default options. */
export function closed(): Group {
  return {
    title: 'Closed circuit',
    loop: awaited,
    contenders: [
      { name: BARE, calls: Object.values(working()) },
      { name: HAND_WRITTEN, calls: each(working(), (operation) => handWrittenBreaker(operation)) },
      { name: OURS, library: 'breaker-box', calls: each(working(), (operation) => withBreaker(operation)) },
      { name: 'breaker-box @CircuitBreaker', library: 'breaker-box', calls: byCircuitBreaker() },
      { name: 'cockatiel', library: 'cockatiel', calls: each(working(), byCockatiel) },
      { name: 'mollitia', library: 'mollitia', calls: each(working(), byMollitia) },
      { name: 'opossum', library: 'opossum', calls: each(working(), byOpossum) },
    ],
  };
}
