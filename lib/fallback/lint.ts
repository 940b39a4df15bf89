import { named, pairRule } from '../core/lint-rule';
import type { LintRules, StackedPolicy } from '../core/policy';
import type { ResolvedFallbackOptions } from './options';

/** Where a fallback hurts. */
export const fallbackRules: LintRules = {
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
};

/** Whether it is a fallback that leaves no failure to the policies around it. */
function answersAll({ kind, options }: StackedPolicy): boolean {
  return kind.policy === 'fallback' && (options as ResolvedFallbackOptions).handle === undefined;
}
