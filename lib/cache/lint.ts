import { named, pairRule } from '../core/lint-rule';
import type { LintRules } from '../core/policy';

/** Where a cache hurts. */
export const cacheRules: LintRules = {
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
};
