import { named, pairRule } from '../core/lint-rule';
import type { LintRules, StackedPolicy } from '../core/policy';

/** Where a timeout hurts. */
export const timeoutRules: LintRules = {
  BREAKER_BOX_TIMEOUT_OUTSIDE_BREAKER: pairRule(
    named('timeout'),
    named('breaker'),
    'the timeout is outside the breaker, which learns of a call that hangs when that settles, if ever, and counts a late answer as a success; put a timeout inside the breaker',
    (_timeout, breaker, stack) => !hasTimeoutInside(breaker, stack),
  ),
};

/** Whether each attempt that a breaker counts is bounded. That of a retry's `attemptTimeout` is innermost, wherever the retry is. */
function hasTimeoutInside(breaker: StackedPolicy, stack: readonly StackedPolicy[]): boolean {
  const inside = stack.slice(stack.indexOf(breaker) + 1);
  return inside.some(named('timeout')) || stack.some(({ kind, options }) => kind.innermost?.(options)?.kind.policy === 'timeout');
}
