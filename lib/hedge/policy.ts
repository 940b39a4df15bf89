import type { Duration } from '../core/duration';
import { durationOf, named, pairRule, repeatingRetry } from '../core/lint-rule';
import { resolve } from '../core/options';
import { policyOf, shortFor, type Policy, type PolicyKind } from '../core/policy';
import { bringCounters } from '../registry/counter';
import { hedging } from './hedge';
import { hedgeSchema, type HedgeOptions, type ResolvedHedgeOptions } from './options';

export const hedgeKind: PolicyKind<ResolvedHedgeOptions> = {
  policy: 'hedge',
  equip: bringCounters,
  expand: /* @__PURE__ */ shortFor('delay', (given) => typeof given === 'string' || typeof given === 'number'),
  resolve: (given, subject) => resolve(hedgeSchema, given, subject),
  bind: hedging,
  noStreams: 'a stream cannot be hedged: which of two began first says nothing about their items',
  lint: {
    BREAKER_BOX_HEDGE_NOT_IDEMPOTENT: (stack) =>
      stack.some((policy) => named('hedge')(policy) && (policy.options as ResolvedHedgeOptions).idempotent === undefined)
        ? 'the hedge may run the function twice at a time, and both runs may take effect; hedge what may happen twice, and mark it: idempotent: true'
        : undefined,
    BREAKER_BOX_HEDGE_OUTSIDE_RETRY: /* @__PURE__ */ pairRule(
      /* @__PURE__ */ named('hedge'),
      repeatingRetry,
      'the hedge is outside the retry, so that each of its runs is a whole retried call and their attempts multiply; put the hedge inside',
    ),
    BREAKER_BOX_HEDGE_AFTER_TIMEOUT: /* @__PURE__ */ pairRule(
      /* @__PURE__ */ named('timeout'),
      /* @__PURE__ */ named('hedge'),
      'the delay of the hedge is not below the timeout around it, so it never starts a run; give the hedge a shorter delay',
      (timeout, hedge) => {
        const { delay } = hedge.options as ResolvedHedgeOptions;
        return typeof delay === 'number' && delay >= durationOf(timeout);
      },
    ),
  },
};

/** A hedge, for the array form of `withPolicies`. */
export function hedge(options: Duration | HedgeOptions): Policy {
  return policyOf(hedgeKind, options);
}
