import { withBreaker } from 'breaker-box';
import { CountBreaker, SamplingBreaker } from 'cockatiel';
import { HandWrittenCountWindow, handWrittenRateBreaker, HandWrittenTimeWindow } from '../hand-written-window';
import { each, working } from '../operations';
import { awaited, type Group } from '../timing';
import { byCockatiel } from './peers';

const SIZE = 100;
const DURATION_MS = 10_000;

/** A call that works, through a breaker that judges the last hundred outcomes. */
export function countWindow(): Group {
  return {
    title: 'Count window',
    loop: awaited,
    contenders: [
      { name: 'hand-written', calls: each(working(), (operation) => handWrittenRateBreaker(operation, new HandWrittenCountWindow(SIZE))) },
      { name: 'withBreaker', calls: each(working(), (operation) => withBreaker(operation, { window: { type: 'count', size: SIZE } })) },
      { name: 'cockatiel', calls: each(working(), (operation) => byCockatiel(operation, new CountBreaker({ threshold: 0.5, size: SIZE }))) },
    ],
  };
}

/** A call that works, through a breaker that judges the last ten seconds. */
export function timeWindow(): Group {
  return {
    title: 'Time window',
    loop: awaited,
    contenders: [
      { name: 'hand-written', calls: each(working(), (operation) => handWrittenRateBreaker(operation, new HandWrittenTimeWindow(DURATION_MS))) },
      { name: 'withBreaker', calls: each(working(), (operation) => withBreaker(operation, { window: { type: 'time', duration: DURATION_MS } })) },
      { name: 'cockatiel', calls: each(working(), (operation) => byCockatiel(operation, new SamplingBreaker({ threshold: 0.5, duration: DURATION_MS }))) },
    ],
  };
}
