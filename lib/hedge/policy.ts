import { type Duration, resolve } from '../core/options';
import { durationOf, named, pairRule, repeatingRetry } from '../core/lint-rule';
import { policyOf, shortFor, type Policy, type PolicyKind } from '../core/policy';
import type { PolicyDecorator } from '../protect/decorator-types';
import { policyDecorator } from '../protect/policy-decorator';
import { bringCounters } from '../registry/counter';
import { joinBudget } from '../retry/budget-source';
import { hedging } from './hedge';
import { hedgeSchema, type HedgeOptions, type ResolvedHedgeOptions } from './options';

export const hedgeKind: PolicyKind<ResolvedHedgeOptions> = {
  policy: 'hedge',
  equip: bringCounters,
  expand: /* @__PURE__ */ shortFor('delay', (given) => typeof given === 'string' || typeof given === 'number'),
  resolve: (given, subject) => resolve(hedgeSchema, given, subject),
  join: joinBudget,
  bind: hedging,
  noStreams: __DEV__ ? 'a stream cannot be hedged: which of two began first says nothing about their items' : 'invalid',
  lint: __DEV__
    ? {
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
      }
    : {},
};

/** A hedge, for the list of `withPipeline`. */
export function hedge(options: Duration | HedgeOptions): Policy {
  return policyOf(hedgeKind, options);
}

/**
 * Starts another run of a method that takes longer than a delay; the first to work wins, and the others are aborted.
 * Takes the delay, `@Hedge('100ms')`, or options; see {@link HedgeOptions}. Only for what may be done twice.
 *
 * @throws {@link ConfigurationError} when the class is defined, naming class, member and every problem; also for a method
 *   that gives a stream.
 */
export const Hedge = /* @__PURE__ */ policyDecorator<(options: Duration | HedgeOptions) => PolicyDecorator>('@Hedge', (given) => [hedge(given as Duration | HedgeOptions)], false);
