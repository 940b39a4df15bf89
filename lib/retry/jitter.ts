import type { Random } from '../core/random';

/** How a delay is spread, so that clients that failed together do not come back together. */
export type Jitter = boolean | 'full' | 'equal' | number;

/**
 * A delay spread by `jitter`: `full` is U(0, d), `equal` is d/2 + U(0, d/2), a ratio r is d · (1 ± r).
 *
 * @param maxDelayMs - Which the spread delay does not exceed either.
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function spread(delayMs: number, jitter: Jitter, maxDelayMs: number, random: Random): number {
  if (jitter === false) return delayMs;
  if (jitter === true || jitter === 'full') return random() * delayMs;
  // One product: the sum of two halves can round over the cap.
  if (jitter === 'equal') return delayMs * (0.5 + random() / 2);
  return Math.min(maxDelayMs, delayMs * (1 + jitter * (2 * random() - 1)));
}
