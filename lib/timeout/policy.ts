import { type Duration, resolve } from '../core/options';
import { named, pairRule } from '../core/lint-rule';
import { policyOf, shortFor, type Policy, type PolicyKind, type StackedPolicy } from '../core/policy';
import type { PolicyDecorator } from '../protect/decorator-types';
import { policyDecorator } from '../protect/policy-decorator';
import { bringCounters } from '../registry/counter';
import { timeoutSchema, type ResolvedTimeoutOptions, type TimeoutOptions } from './options';
import { timing } from './timeout';

export const timeoutKind: PolicyKind<ResolvedTimeoutOptions> = {
  policy: 'timeout',
  equip: bringCounters,
  expand: /* @__PURE__ */ shortFor('duration', (given) => typeof given === 'string' || typeof given === 'number'),
  resolve: (given, subject) => resolve(timeoutSchema, given, subject),
  bind: timing,
  ...(__DEV__ && {
    lint: {
      BREAKER_BOX_TIMEOUT_OUTSIDE_BREAKER: pairRule(
        named('timeout'),
        named('breaker'),
        'the timeout is outside the breaker, which learns of a call that hangs when that settles, if ever, and counts a late answer as a success; put a timeout inside the breaker',
        (_timeout, breaker, stack) => !hasTimeoutInside(breaker, stack),
      ),
    },
  }),
};

/** Whether each attempt that a breaker counts is bounded. That of a retry's `attemptTimeout` is innermost, wherever the retry is. */
function hasTimeoutInside(breaker: StackedPolicy, stack: readonly StackedPolicy[]): boolean {
  const inside = stack.slice(stack.indexOf(breaker) + 1);
  return inside.some(named('timeout')) || stack.some(({ kind, options }) => kind.innermost?.(options)?.kind.policy === 'timeout');
}

/** A timeout, for the list of `withPipeline`. */
export function timeout(options: Duration | TimeoutOptions): Policy {
  return policyOf(timeoutKind, options);
}

/**
 * Limits the time of a method, or of each attempt when it stands under a retry: rejects with {@link OperationTimeoutError}, and
 * aborts `currentCall()!.signal`. Takes the duration, or {@link TimeoutOptions}. For a stream, each wait for an item is limited.
 *
 * @throws {@link ConfigurationError} when the class is defined, naming class, member and every problem.
 */
export const Timeout = /* @__PURE__ */ policyDecorator<(options: Duration | TimeoutOptions) => PolicyDecorator>(
  '@Timeout',
  (given) => [timeout(given as Duration | TimeoutOptions)],
  false,
);
