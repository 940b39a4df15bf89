import * as v from 'valibot';
import type { Duration } from '../core/duration';
import { constrained, duration, isRecord, options } from '../core/options';

/** How long runs are held up, in milliseconds. */
export interface Latency {
  readonly min: number;
  readonly max: number;
}

type LatencyInput = Duration | { min: Duration; max: Duration };

const range = constrained(options({ min: duration(), max: duration() }), ({ min, max }, blame) => {
  if ((max ?? Infinity) < (min ?? -Infinity)) blame('max', `must not be below min (${min} ms)`);
});

const fixed = v.pipe(
  duration(),
  v.transform((durationMs): Latency => ({ min: durationMs, max: durationMs })),
);

/** A duration is the range that has only this one. */
export const durationOrRange = v.lazy((given): v.GenericSchema<LatencyInput, Latency> => (isRecord(given) ? range : fixed) as v.GenericSchema<LatencyInput, Latency>);
