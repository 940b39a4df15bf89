import { durationOf, named, pairRule, repeatingRetry } from '../core/lint-rule';
import type { LintRules } from '../core/policy';
import { BACKOFFS } from './backoff';
import type { ResolvedRetryOptions } from './options';

/** Where a retry hurts. */
export const retryRules: LintRules = {
  BREAKER_BOX_RETRY_INSIDE_BREAKER: pairRule(
    named('breaker'),
    repeatingRetry,
    'the retry is inside the breaker, which then sees one outcome per call and lets retries go on while the dependency is down; put the retry outside',
  ),
  BREAKER_BOX_RETRIES_MULTIPLY: pairRule(
    repeatingRetry,
    repeatingRetry,
    'two retries are in one pipeline, and their attempts multiply: each attempt of the outer one is a whole retried call of the inner one; keep one of them',
  ),
  BREAKER_BOX_TIMEOUT_OUTSIDE_RETRY: pairRule(
    named('timeout'),
    named('retry'),
    'the timeout is outside the retry and shorter than what the waits between its attempts can take, so the last of them may never run; put the timeout inside for a limit to each attempt, or give the retry a maxElapsed',
    (timeout, retry) => waitsBeyond(retry.options as ResolvedRetryOptions, durationOf(timeout)),
  ),
};

/** Delays that are computed one by one; from there on, the last of them stands for the rest. */
const COMPUTED = 1000;

/**
 * Whether the waits of a retry can take longer than a time, the attempts themselves not counted. The waits are those before
 * jitter. One without end to its attempts runs until something ends it, and a delay of the user's own is not known.
 */
function waitsBeyond(retry: ResolvedRetryOptions, limitMs: number): boolean {
  const { maxAttempts, maxElapsed = Infinity, backoff } = retry;
  if (typeof backoff === 'function' || maxAttempts === Infinity || maxElapsed <= limitMs) return false;
  // The least of what chance makes of decorrelated delays; of adaptive ones, what they are scaled from.
  const context = { ...retry, previousMs: undefined, random: () => 0 };
  const delayMs = (attempt: number): number => BACKOFFS[backoff](attempt, context);
  const waits = maxAttempts - 1;
  const computed = Math.min(waits, COMPUTED);
  let totalMs = 0;
  for (let attempt = 1; attempt <= computed; attempt++) totalMs += delayMs(attempt);
  return totalMs + (waits - computed) * delayMs(COMPUTED) > limitMs;
}
