import { withBreaker } from 'breaker-box';
import { CountBreaker, SamplingBreaker } from 'cockatiel';
import { handWrittenBreaker } from '../hand-written';
import { HandWrittenCountWindow, handWrittenRateBreaker, HandWrittenTimeWindow } from '../hand-written-window';
import { working } from '../operations';
import { byCockatiel } from '../peers/cockatiel';
import { byMollitiaCountWindow, byMollitiaTimeWindow } from '../peers/mollitia';
import { byOpossum } from '../peers/opossum';
import { opensAfter } from '../proofs';
import { WINDOW_MS, WINDOW_SIZE } from '../settings';
import { awaited, type Contender, type Group } from '../timing';
import { around } from './around';
import { BARE, HAND_WRITTEN, OURS } from './names';

/** A call that works, through a breaker that judges the last hundred outcomes. */
export function countWindow(): Group {
  const size = WINDOW_SIZE;
  return {
    title: 'Count window',
    loop: awaited,
    proofs: [opensAfter(2 * size)],
    contenders: [
      ...references(),
      { name: 'hand-written window', ...around((operation) => handWrittenRateBreaker(operation, new HandWrittenCountWindow(size))) },
      { name: OURS, library: 'breaker-box', ...around((operation) => withBreaker(operation, { window: { type: 'count', size } })) },
      { name: 'cockatiel', library: 'cockatiel', ...around((operation) => byCockatiel(operation, new CountBreaker({ threshold: 0.5, size }))) },
      { name: 'mollitia', library: 'mollitia', ...around(byMollitiaCountWindow) },
    ],
  };
}

/** A call that works, through a breaker that judges the last ten seconds. */
export function timeWindow(): Group {
  const duration = WINDOW_MS;
  return {
    title: 'Time window',
    loop: awaited,
    proofs: [opensAfter(2 * WINDOW_SIZE)],
    contenders: [
      ...references(),
      { name: 'hand-written window', ...around((operation) => handWrittenRateBreaker(operation, new HandWrittenTimeWindow(duration))) },
      { name: OURS, library: 'breaker-box', ...around((operation) => withBreaker(operation, { window: { type: 'time', duration } })) },
      { name: 'cockatiel', library: 'cockatiel', ...around((operation) => byCockatiel(operation, new SamplingBreaker({ threshold: 0.5, duration }))) },
      { name: 'mollitia', library: 'mollitia', ...around(byMollitiaTimeWindow) },
      { name: 'opossum', library: 'opossum', ...around(byOpossum) }, // the only kind it has
    ],
  };
}

/** The breaker that counts consecutive failures is one of them: what a window adds to it is what it costs. */
function references(): Contender[] {
  return [
    { name: BARE, calls: Object.values(working()) },
    { name: HAND_WRITTEN, ...around((operation) => handWrittenBreaker(operation)) },
  ];
}
