import { hooks } from './hooks';

/** A source of randomness: uniform in [0, 1), as `Math.random`. */
export type Random = () => number;

/** Looked up at call time, so that a test may replace `Math.random`. */
export const systemRandom: Random = () => (hooks.random?.() ?? Math.random)();
