import { shared } from './shared';

/** A source of randomness: uniform in [0, 1), as `Math.random`. */
export type Random = () => number;

const source = shared<{ current: Random }>('random', () => ({ current: () => Math.random() }));

/** Looked up at call time, so that a test may replace `Math.random`. */
export const systemRandom: Random = () => source.current();

/** Lets all that takes its chances from the system take them from elsewhere, for good: a test does. @param standInFor - Makes the other source, from the system's. */
export function replaceSystemRandom(standInFor: (system: Random) => Random): void {
  source.current = standInFor(source.current);
}
