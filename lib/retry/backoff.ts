import type { Random } from '../core/random';

/** What a delay is computed from. */
export interface BackoffContext {
  /** In milliseconds. */
  readonly baseDelay: number;
  readonly maxDelay: number;
  readonly exponentialBase: number;
  /** The delay before; undefined for the first retry. */
  readonly previousMs: number | undefined;
  readonly random: Random;
}

/** From the number of the attempt that failed (1 for the first retry) to a delay in milliseconds, capped, not jittered. */
export type Backoff = (attempt: number, context: BackoffContext) => number;

/** `base · exponentialBase^(attempt - 1)`, capped: also where the power overflows. */
export const exponential: Backoff = (attempt, { baseDelay, maxDelay, exponentialBase }) =>
  baseDelay && Math.min(maxDelay, baseDelay * exponentialBase ** (attempt - 1));

/** `base`, always. */
export const fixed: Backoff = (_attempt, { baseDelay }) => baseDelay;

/** `base · attempt`, capped. */
export const linear: Backoff = (attempt, { baseDelay, maxDelay }) => Math.min(maxDelay, baseDelay * attempt);

/**
 * `min(cap, U(base, 3 · previous))`: grows, and spreads by itself, so it takes no jitter.
 *
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export const decorrelated: Backoff = (_attempt, { baseDelay, maxDelay, previousMs = baseDelay, random }) =>
  Math.min(maxDelay, baseDelay + random() * (Math.max(baseDelay, 3 * previousMs) - baseDelay));

/** The delays by name; an adaptive backoff scales the exponential one. */
export const BACKOFFS = { exponential, fixed, linear, decorrelated, adaptive: exponential };

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
  // One product: the sum of two halves can round over the cap.
  if (jitter === 'equal') return delayMs * (0.5 + random() / 2);
  return typeof jitter === 'number' ? Math.min(maxDelayMs, delayMs * (1 + jitter * (2 * random() - 1))) : random() * delayMs;
}

/**
 * Learns from the last results how hard to back off: the delay doubles while fewer than 70 % of them were successes, and
 * halves from there on.
 */
export class AdaptiveBackoff {
  readonly #results: boolean[] = [];
  readonly #windowSize: number;

  /** @param windowSize - How many results it remembers. */
  constructor(windowSize = 10) {
    this.#windowSize = windowSize;
  }

  record(success: boolean): void {
    if (this.#results.push(success) > this.#windowSize) this.#results.shift();
  }

  /** Share of successes; 1 while nothing is known. */
  get successRate(): number {
    return this.#results.length === 0 ? 1 : this.#results.filter(Boolean).length / this.#results.length;
  }

  /** What to multiply a delay by. */
  get factor(): number {
    return this.successRate < 0.7 ? 2 : 0.5;
  }
}
