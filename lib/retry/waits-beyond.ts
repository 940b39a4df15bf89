import { BACKOFFS, type ResolvedRetryOptions } from './options';

/** Delays that are computed one by one; from there on, the last of them stands for the rest. */
const COMPUTED = 1000;

/**
 * Whether the waits of a retry can take longer than a time, the attempts themselves not counted. The waits are those before
 * jitter. One without end to its attempts runs until something ends it, and a delay of the user's own is not known.
 */
export function waitsBeyond(retry: ResolvedRetryOptions, limitMs: number): boolean {
  const { maxAttempts, maxElapsed = Infinity, backoff, baseDelay, maxDelay, exponentialBase } = retry;
  if (typeof backoff === 'function' || maxAttempts === Infinity || maxElapsed <= limitMs) return false;
  // The least of what chance makes of decorrelated delays; of adaptive ones, what they are scaled from.
  const delayMs = BACKOFFS[backoff === 'adaptive' ? 'exponential' : backoff];
  const context = { baseDelayMs: baseDelay, maxDelayMs: maxDelay, exponentialBase, previousMs: undefined, random: () => 0 };
  const waits = maxAttempts - 1;
  const computed = Math.min(waits, COMPUTED);
  let totalMs = 0;
  for (let attempt = 1; attempt <= computed; attempt++) totalMs += delayMs(attempt, context);
  return totalMs + (waits - computed) * delayMs(COMPUTED, context) > limitMs;
}
