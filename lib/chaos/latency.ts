import { choice, constrained, isRecord, mapped, options, type Check } from '../core/check';
import { duration } from '../core/options';

/** How long runs are held up, in milliseconds. */
export interface Latency {
  readonly min: number;
  readonly max: number;
}

const range = /* @__PURE__ */ constrained(/* @__PURE__ */ options({ min: duration(), max: duration() }), ({ min, max }, blame) => {
  if ((max ?? Infinity) < (min ?? -Infinity)) blame('max', __DEV__ && `must not be below min (${min} ms)`);
});

const fixed = /* @__PURE__ */ mapped(duration(), (durationMs): Latency => ({ min: durationMs, max: durationMs }));

/** A duration is the range that has only this one. */
export const durationOrRange = /* @__PURE__ */ choice((given): Check<Latency> => (isRecord(given) ? range : fixed));
