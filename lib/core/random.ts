import { hooks } from './hooks';

/** A source of randomness: uniform in [0, 1), as `Math.random`. */
export type Random = () => number;

/** Looked up at call time, so that a test may replace `Math.random`. */
export const systemRandom: Random = () => (hooks.random?.() ?? Math.random)();

/**
 * Randomness that can be had again: the same seed gives the same numbers, on every platform.
 *
 * mulberry32 by Tommy Ettinger: 32 bits of state, a period of 2³², passes gjrand's tests. Not for secrets.
 *
 * @param seed - Any integer; its lowest 32 bits count.
 * @see https://gist.github.com/tommyettinger/46a874533244883189143505d203312c
 */
export function seededRandom(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
