import type { Random } from '../core/random';

/** What a delay is computed from. */
export interface BackoffContext {
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
  readonly exponentialBase: number;
  /** The delay before; undefined for the first retry. */
  readonly previousMs: number | undefined;
  readonly random: Random;
}

/** From the number of the attempt that failed (1 for the first retry) to a delay in milliseconds, capped, not jittered. */
export type Backoff = (attempt: number, context: BackoffContext) => number;

/** `base · exponentialBase^(attempt - 1)`, capped: also where the power overflows. */
export const exponential: Backoff = (attempt, { baseDelayMs, maxDelayMs, exponentialBase }) =>
  baseDelayMs === 0 ? 0 : Math.min(maxDelayMs, baseDelayMs * exponentialBase ** (attempt - 1));

/** `base`, always. */
export const fixed: Backoff = (_attempt, { baseDelayMs, maxDelayMs }) => Math.min(maxDelayMs, baseDelayMs);

/** `base · attempt`, capped. */
export const linear: Backoff = (attempt, { baseDelayMs, maxDelayMs }) => Math.min(maxDelayMs, baseDelayMs * attempt);

/**
 * `min(cap, U(base, 3 · previous))`: grows, and spreads by itself, so it takes no jitter.
 *
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export const decorrelated: Backoff = (_attempt, { baseDelayMs, maxDelayMs, previousMs = baseDelayMs, random }) => {
  const upperMs = Math.max(baseDelayMs, 3 * previousMs);
  return Math.min(maxDelayMs, baseDelayMs + random() * (upperMs - baseDelayMs));
};
