import { durationOf, named, pairRule, repeatingRetry } from '../core/lint-rule';
import type { LintRules } from '../core/policy';
import type { ResolvedRetryOptions } from './options';
import { waitsBeyond } from './waits-beyond';

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
