import { named, pairRule, repeatingRetry } from '../core/lint-rule';
import type { LintRules } from '../core/policy';

/** Where a rate limit hurts. */
export const rateLimitRules: LintRules = {
  BREAKER_BOX_RATE_LIMIT_OUTSIDE_RETRY: pairRule(
    named('rateLimit'),
    repeatingRetry,
    'the rate limit is outside the retry, whose further attempts it does not see: the dependency gets more calls than the limit; put the rate limit inside',
  ),
};
