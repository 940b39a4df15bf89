import { withBreaker } from 'breaker-box';
import { ConsecutiveBreaker } from 'cockatiel';
import { handWrittenBreaker } from '../hand-written';
import { each, failing } from '../operations';
import { awaitedAndCaught, type Group } from '../timing';
import { byCockatiel } from './peers';

/**
 * A call that fails, through a circuit that never opens, whatever the number of failures.
 *
 * Opossum is not here: it sorts the latencies of the last ten seconds at every failure, so a failure costs the more the
 * more calls there were, and one figure for it would say nothing.
 */
export function failures(): Group {
  return {
    title: 'Failing call',
    loop: awaitedAndCaught,
    contenders: [
      { name: 'hand-written', calls: each(failing(), (operation) => handWrittenBreaker(operation, Infinity)) },
      { name: 'no breaker', calls: Object.values(failing()) },
      { name: 'withBreaker', calls: each(failing(), (operation) => withBreaker(operation, { failureThreshold: Infinity })) },
      { name: 'cockatiel', calls: each(failing(), (operation) => byCockatiel(operation, new ConsecutiveBreaker(Infinity))) },
    ],
  };
}
