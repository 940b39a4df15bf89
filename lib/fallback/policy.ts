import { named, pairRule } from '../core/lint-rule';
import { resolve } from '../core/options';
import { policyOf, shortFor, type Policy, type PolicyKind, type StackedPolicy } from '../core/policy';
import type { FallbackDecorator } from '../protect/decorator-types';
import { policyDecorator } from '../protect/policy-decorator';
import { bringCounters } from '../registry/counter';
import { fallingBack } from './fallback';
import { fallbackSchema, type FallbackFunction, type FallbackOptions, type ResolvedFallbackOptions } from './options';

export const fallbackKind: PolicyKind<ResolvedFallbackOptions> = {
  policy: 'fallback',
  equip: bringCounters,
  expand: /* @__PURE__ */ shortFor('use', (given) => typeof given === 'function'),
  resolve: (given, subject) => resolve(fallbackSchema, given, subject),
  bind: fallingBack,
  outsideBreaker: true,
  lint: __DEV__
    ? {
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
      }
    : {},
};

/** Whether it is a fallback that leaves no failure to the policies around it. */
function answersAll({ kind, options }: StackedPolicy): boolean {
  return kind.policy === 'fallback' && (options as ResolvedFallbackOptions).handle === undefined;
}

/** A fallback as a policy that knows which functions it fits. */
export interface FallbackPolicy<Args extends readonly unknown[], Answer> extends Policy {
  /** For the compiler alone: no policy has it. */
  readonly __answers?: (...args: Args) => Answer;
}

/** A fallback, for the list of `withPipeline`. The compiler checks it against the function there. */
export function fallback<Args extends readonly unknown[], Answer>(
  use: (error: unknown, ...args: Args) => Answer,
): FallbackPolicy<Args, Answer>;
export function fallback<Args extends readonly unknown[], Answer>(
  options: Omit<FallbackOptions, 'use'> & { use: (error: unknown, ...args: Args) => Answer },
): FallbackPolicy<Args, Answer>;
export function fallback(options: FallbackFunction | FallbackOptions): Policy {
  return policyOf(fallbackKind, options);
}

/**
 * Answers for the failed calls of a method, by a function of the error and the arguments, which is called with the
 * method's `this`: `@Fallback((error, order: Order) => queueForLater(order))`, or `@Fallback({ use, handle })`; see
 * {@link FallbackOptions}. The compiler refuses one that does not take the method's arguments or give its result.
 *
 * @throws {@link ConfigurationError} when the class is defined, naming class, member and every problem.
 */
export const Fallback = /* @__PURE__ */ policyDecorator<FallbackDecorator>('@Fallback', (given) => [policyOf(fallbackKind, given)], false, true);
