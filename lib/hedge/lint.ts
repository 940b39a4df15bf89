import { durationOf, named, pairRule, repeatingRetry } from '../core/lint-rule';
import type { LintRules } from '../core/policy';
import type { ResolvedHedgeOptions } from './options';

/** Where a hedge hurts. */
export const hedgeRules: LintRules = {
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
      return typeof delay === 'number' && delay >= durationOf(timeout);
    },
  ),
};
