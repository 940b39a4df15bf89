import { withBreaker } from 'breaker-box';
import { handWrittenBreaker } from '../hand-written';
import { handWrittenRetry } from '../hand-written-retry';
import { each, working } from '../operations';
import { awaited, type Group } from '../timing';
import { byCircuitBreaker, byRetryOverCircuitBreaker } from './decorated';
import { byCockatiel, byCockatielWithRetry, byOpossum } from './peers';

/** A call that works, through a closed circuit, with default options. */
export function closed(): Group {
  return {
    title: 'Closed circuit',
    loop: awaited,
    contenders: [
      { name: 'hand-written', calls: each(working(), (operation) => handWrittenBreaker(operation)) },
      { name: 'no breaker', calls: Object.values(working()) },
      { name: 'withBreaker', calls: each(working(), (operation) => withBreaker(operation)) },
      { name: '@CircuitBreaker', calls: byCircuitBreaker() },
      { name: '@Retry over @CircuitBreaker', calls: byRetryOverCircuitBreaker() },
      { name: 'hand-written retry over hand-written', calls: each(working(), (operation) => handWrittenRetry(handWrittenBreaker(operation))) },
      { name: 'cockatiel', calls: each(working(), (operation) => byCockatiel(operation)) },
      { name: 'cockatiel wrap(retry, breaker)', calls: each(working(), byCockatielWithRetry) },
      { name: 'opossum', calls: each(working(), byOpossum) },
    ],
  };
}
