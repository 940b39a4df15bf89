import { named, pairRule } from '../core/lint-rule';
import { resolve } from '../core/options';
import { policyOf, shortFor, type Policy, type PolicyKind, type StackedPolicy } from '../core/policy';
import { bringCounters } from '../registry/counter';
import { fallingBack } from './fallback';
import { fallbackSchema, type FallbackFunction, type FallbackOptions, type ResolvedFallbackOptions } from './options';

export const fallbackKind: PolicyKind<ResolvedFallbackOptions> = {
  policy: 'fallback',
  equip: bringCounters,
  expand: /* @__PURE__ */ shortFor('use', (given) => typeof given === 'function'),
  resolve: (given, subject) => resolve(fallbackSchema, given, subject),
  bind: fallingBack,
  isOutsideBreaker: true,
  lint: {
    BREAKER_BOX_FALLBACK_INSIDE_RETRY: /* @__PURE__ */ pairRule(
      /* @__PURE__ */ named('retry'),
      answersAll,
      'the fallback is inside the retry, which never sees a failure and never tries again; put the fallback outside, or say with handle which errors it answers',
    ),
    BREAKER_BOX_FALLBACK_INSIDE_BREAKER: /* @__PURE__ */ pairRule(
      /* @__PURE__ */ named('breaker'),
      answersAll,
      'the fallback is inside the breaker, which never sees a failure and never opens; put the fallback outside, or say with handle which errors it answers',
    ),
    BREAKER_BOX_FALLBACK_INSIDE_CACHE: /* @__PURE__ */ pairRule(
      /* @__PURE__ */ named('cache'),
      /* @__PURE__ */ named('fallback'),
      'the fallback is inside the cache, which keeps its answers as if they were results, also when the dependency is back; put the fallback outside',
    ),
  },
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

/** A fallback, for the array form of `withPolicies`. The compiler checks it against the function there. */
export function fallback<Args extends readonly unknown[], Answer>(
  use: (error: unknown, ...args: Args) => Answer,
): FallbackPolicy<Args, Answer>;
export function fallback<Args extends readonly unknown[], Answer>(
  options: Omit<FallbackOptions, 'use'> & { use: (error: unknown, ...args: Args) => Answer },
): FallbackPolicy<Args, Answer>;
export function fallback(options: FallbackFunction | FallbackOptions): Policy {
  return policyOf(fallbackKind, options);
}
