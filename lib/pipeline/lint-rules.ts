import type { FindingCode } from '../core/finding-codes';
import type { ResolvedFallbackOptions } from '../policies/fallback/options';
import type { ResolvedHedgeOptions } from '../policies/hedge/options';
import type { ResolvedRetryOptions } from '../policies/retry/options';
import type { ResolvedTimeoutOptions } from '../policies/timeout/options';
import type { AppliedPolicy } from './applied-policy';
import { named, pairRule, type Rule } from './lint-rule';
import { waitsBeyond } from './waits-beyond';

/** The rules by the code of what they find. */
export const LINT_RULES: Readonly<Record<FindingCode, Rule>> = {
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
    (timeout, retry) => waitsBeyond(retry.options as ResolvedRetryOptions, (timeout.options as ResolvedTimeoutOptions).duration),
  ),
  BREAKER_BOX_TIMEOUT_OUTSIDE_BREAKER: pairRule(
    named('timeout'),
    named('breaker'),
    'the timeout is outside the breaker, which learns of a call that hangs when that settles, if ever, and counts a late answer as a success; put a timeout inside the breaker',
    (_timeout, breaker, stack) => !hasTimeoutInside(breaker, stack),
  ),
  BREAKER_BOX_FALLBACK_INSIDE_RETRY: pairRule(
    named('retry'),
    answersAll,
    'the fallback is inside the retry, which never sees a failure and never tries again; put the fallback outside, or say with handle which errors it answers',
  ),
  BREAKER_BOX_FALLBACK_INSIDE_BREAKER: pairRule(
    named('breaker'),
    answersAll,
    'the fallback is inside the breaker, which never sees a failure and never opens; put the fallback outside, or say with handle which errors it answers',
  ),
  BREAKER_BOX_FALLBACK_INSIDE_CACHE: pairRule(
    named('cache'),
    named('fallback'),
    'the fallback is inside the cache, which keeps its answers as if they were results, also when the dependency is back; put the fallback outside',
  ),
  BREAKER_BOX_BULKHEAD_OUTSIDE_RETRY: pairRule(
    named('bulkhead'),
    repeatingRetry,
    'the bulkhead is outside the retry, which holds a slot while it waits, so calls that do nothing keep others out; put the bulkhead inside',
  ),
  BREAKER_BOX_RATE_LIMIT_OUTSIDE_RETRY: pairRule(
    named('rateLimit'),
    repeatingRetry,
    'the rate limit is outside the retry, whose further attempts it does not see: the dependency gets more calls than the limit; put the rate limit inside',
  ),
  BREAKER_BOX_THROTTLE_OUTSIDE_RETRY: pairRule(
    named('throttle'),
    repeatingRetry,
    'the throttle is outside the retry, so it counts calls where the dependency counts attempts, and reacts too little; put the throttle inside',
  ),
  BREAKER_BOX_CACHE_INSIDE_BREAKER: pairRule(
    named('breaker'),
    named('cache'),
    'the cache is inside the breaker: its hits count as successes of a dependency that nobody asked, and an open circuit rejects calls that it could answer; put the cache outside',
  ),
  BREAKER_BOX_CACHE_INSIDE_LIMIT: pairRule(
    named('rateLimit', 'throttle', 'bulkhead'),
    named('cache'),
    'the cache is inside a limit, which counts, and refuses, calls that the cache could answer without the dependency; put the cache outside',
  ),
  BREAKER_BOX_HEDGE_NOT_IDEMPOTENT: (stack) =>
    stack.some((policy) => named('hedge')(policy) && (policy.options as ResolvedHedgeOptions).idempotent === undefined)
      ? 'the hedge may run the function twice at a time, and both runs may take effect; hedge what may happen twice, and mark it: idempotent: true'
      : undefined,
  BREAKER_BOX_HEDGE_OUTSIDE_RETRY: pairRule(
    named('hedge'),
    repeatingRetry,
    'the hedge is outside the retry, so that each of its runs is a whole retried call and their attempts multiply; put the hedge inside',
  ),
  BREAKER_BOX_HEDGE_AFTER_TIMEOUT: pairRule(
    named('timeout'),
    named('hedge'),
    'the delay of the hedge is not below the timeout around it, so it never starts a run; give the hedge a shorter delay',
    (timeout, hedge) => {
      const { delay } = hedge.options as ResolvedHedgeOptions;
      return typeof delay === 'number' && delay >= (timeout.options as ResolvedTimeoutOptions).duration;
    },
  ),
  BREAKER_BOX_PRESET_REPLACED: (stack) => {
    // A retry that makes one attempt loses nothing.
    const harmful = stack.filter(({ kind, options }) => kind.repeats?.(options) !== false);
    return harmful.flatMap(({ problem }) => problem ?? []).join('; ') || undefined;
  },
};

function repeatingRetry({ kind, options }: AppliedPolicy): boolean {
  return kind.repeats?.(options) === true;
}

/** Whether it is a fallback that leaves no failure to the policies around it. */
function answersAll({ kind, options }: AppliedPolicy): boolean {
  return kind.policy === 'fallback' && (options as ResolvedFallbackOptions).handle === undefined;
}

/** Whether each attempt that a breaker counts is bounded. That of a retry's `attemptTimeout` is innermost, wherever the retry is. */
function hasTimeoutInside(breaker: AppliedPolicy, stack: readonly AppliedPolicy[]): boolean {
  const inside = stack.slice(stack.indexOf(breaker) + 1);
  return inside.some(named('timeout')) || stack.some(({ kind, options }) => kind.attemptTimeoutMs?.(options) !== undefined);
}
