import { withBreaker } from 'breaker-box';
import { handWrittenBreaker } from '../hand-written';
import { working } from '../operations';
import { byCockatiel } from '../peers/cockatiel';
import { byMollitia } from '../peers/mollitia';
import { byOpossum } from '../peers/opossum';
import { opensAfter } from '../proofs';
import { awaited, type Group } from '../timing';
import { around } from './around';
import { BARE, HAND_WRITTEN, OURS } from './names';
import { byCircuitBreaker } from './decorated';

/** A call that works, through a closed circuit, with default options. */
export function closed(): Group {
  return {
    title: 'Closed circuit',
    loop: awaited,
    proofs: [opensAfter(20)],
    contenders: [
      { name: BARE, calls: Object.values(working()) },
      { name: HAND_WRITTEN, ...around((operation) => handWrittenBreaker(operation)) },
      { name: OURS, library: 'breaker-box', ...around((operation) => withBreaker(operation)) },
      { name: 'breaker-box @CircuitBreaker', library: 'breaker-box', calls: byCircuitBreaker() },
      { name: 'cockatiel', library: 'cockatiel', ...around(byCockatiel) },
      { name: 'mollitia', library: 'mollitia', ...around(byMollitia) },
      { name: 'opossum', library: 'opossum', ...around(byOpossum) },
    ],
  };
}
