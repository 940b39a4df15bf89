import { toMs, type Duration } from '../core/options';
import { answerOf } from '../core/outcome';
import type { Random } from '../core/random';
import { BACKOFFS, exponential, spread } from './backoff';
import type { Retry } from './retry';
import { retryAfterMs } from './retry-after';

/** A delay in milliseconds, after jitter and before; the latter is 0 without jitter. */
export type Delay = readonly [delayMs: number, spreadMs: number];

/** The delay before a retry, by the backoff's name; exponential where it is a function. */
export function computedDelay({ options, random, adaptive }: Retry, attempt: number, previousMs: number | undefined): Delay {
  const { backoff, maxDelay, jitter } = options;
  const compute = typeof backoff === 'function' ? exponential : BACKOFFS[backoff];
  const delayMs = Math.min(maxDelay, compute(attempt, { ...options, previousMs, random }) * (adaptive?.factor ?? 1));
  // Decorrelated delays are spread by themselves.
  return [backoff === 'decorrelated' ? delayMs : spread(delayMs, jitter, maxDelay, random), jitter ? delayMs : 0];
}

/** The delay after attempt `attempt` failed with `error`, or with a value that was refused: the user's own, or the computed one. */
export function delayAfter(retry: Retry, attempt: number, error: unknown, previous: number | undefined, operation: string): Delay {
  const { options, random } = retry;
  const { backoff, maxDelay, jitter } = options;
  const ownMs = typeof backoff === 'function' ? askDuration('backoff', backoff, attempt, { error, previous, operation, random }) : undefined;
  if (ownMs === undefined) return computedDelay(retry, attempt, previous);
  const delayMs = Math.min(ownMs, maxDelay);
  // It is not jittered, so it is its own spread.
  return [delayMs, jitter ? delayMs : 0];
}

/** The wait that the server asked for; 0 when it asked for none, undefined when for a longer one than is respected: then the call is given up. */
export function askedMs({ options, clock }: Retry, failure: unknown): number | undefined {
  const { respectRetryAfter, retryAfter, maxDelay } = options;
  if (respectRetryAfter === false) return 0;
  const ownMs = retryAfter && askDuration('retryAfter', retryAfter, failure);
  const waitMs = ownMs ?? retryAfterMs(failure, clock) ?? 0;
  const longestMs = (typeof respectRetryAfter === 'object' ? respectRetryAfter.max : undefined) ?? maxDelay;
  return waitMs > longestMs ? undefined : waitMs;
}

/**
 * How long to wait: `max(delay, asked) + U(0, d)`, where `d` is the delay before jitter: those who were told the same time are spread over it.
 *
 * @param leastMs - What was asked for, by the server or the open circuit; 0: nothing.
 * @param roomMs - The time that is left, which the spread never exceeds.
 * @returns undefined when there is less time left.
 */
export function drawWait([delayMs, spreadMs]: Delay, leastMs: number, roomMs: number, random: Random): number | undefined {
  const waitMs = Math.max(delayMs, leastMs);
  if (waitMs > roomMs) return undefined;
  const overMs = leastMs > 0 ? Math.min(spreadMs, roomMs - waitMs) : 0;
  return overMs > 0 ? waitMs + random() * overMs : waitMs;
}

/** What counts where a function gives a promise in place of a duration. */
const INSTEAD = { backoff: 'the computed delay is waited', retryAfter: 'only headers and fields tell what was asked for' };

/** A duration of the user's own; undefined when the function has none or fails, and another one stands in. */
function askDuration<A extends unknown[]>(role: keyof typeof INSTEAD, fn: (...subjects: A) => Duration | undefined, ...subjects: A): number | undefined {
  return answerOf(fn, `The function '${role}'`, __DEV__ && INSTEAD[role], subjects, (answer) => {
    const durationMs = answer === undefined ? undefined : toMs(answer);
    if (durationMs === undefined || durationMs >= 0) return durationMs;
    throw new TypeError(__DEV__ ? `${role} must give a duration >= 0` : role);
  });
}
