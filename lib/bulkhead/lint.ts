import { named, pairRule, repeatingRetry } from '../core/lint-rule';
import type { LintRules } from '../core/policy';

/** Where a bulkhead hurts. */
export const bulkheadRules: LintRules = {
  BREAKER_BOX_BULKHEAD_OUTSIDE_RETRY: pairRule(
    named('bulkhead'),
    repeatingRetry,
    'the bulkhead is outside the retry, which holds a slot while it waits, so calls that do nothing keep others out; put the bulkhead inside',
  ),
};
