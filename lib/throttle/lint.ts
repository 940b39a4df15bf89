import { named, pairRule, repeatingRetry } from '../core/lint-rule';
import type { LintRules } from '../core/policy';

/** Where a throttle hurts. */
export const throttleRules: LintRules = {
  BREAKER_BOX_THROTTLE_OUTSIDE_RETRY: pairRule(
    named('throttle'),
    repeatingRetry,
    'the throttle is outside the retry, so it counts calls where the dependency counts attempts, and reacts too little; put the throttle inside',
  ),
};
