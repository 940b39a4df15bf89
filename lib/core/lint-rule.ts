import type { LintRule, StackedPolicy } from './policy';

export type Test = (policy: StackedPolicy) => boolean;

/**
 * The rule that one kind of policy is not to be somewhere inside another.
 *
 * @param hurts - Looks closer at such a pair. Without it every pair hurts.
 */
export function pairRule(
  isOuter: Test,
  isInner: Test,
  problem: string,
  hurts: (outer: StackedPolicy, inner: StackedPolicy, stack: readonly StackedPolicy[]) => boolean = () => true,
): LintRule {
  return (stack) => {
    const isFound = stack.some(
      (outer, outerAt) =>
        isOuter(outer) &&
        stack.some((inner, at) => at > outerAt && isInner(inner) && hurts(outer, inner, stack)),
    );
    return isFound ? problem : undefined;
  };
}

export function named(...names: readonly string[]): Test {
  return ({ kind }) => names.includes(kind.policy);
}

/** The time that a timeout gives, in milliseconds. A policy does not import the options of another one. */
export function durationOf({ options }: StackedPolicy): number {
  return (options as { readonly duration: number }).duration;
}

export function repeatingRetry({ kind, options }: StackedPolicy): boolean {
  return kind.repeats?.(options) === true;
}

/** The warnings of building a pipeline: each is an order or a combination of policies that works, and hurts. */
export const FINDING_CODES = [
  'BREAKER_BOX_RETRY_INSIDE_BREAKER',
  'BREAKER_BOX_RETRIES_MULTIPLY',
  'BREAKER_BOX_TIMEOUT_OUTSIDE_RETRY',
  'BREAKER_BOX_TIMEOUT_OUTSIDE_BREAKER',
  'BREAKER_BOX_FALLBACK_INSIDE_RETRY',
  'BREAKER_BOX_FALLBACK_INSIDE_BREAKER',
  'BREAKER_BOX_FALLBACK_INSIDE_CACHE',
  'BREAKER_BOX_BULKHEAD_OUTSIDE_RETRY',
  'BREAKER_BOX_RATE_LIMIT_OUTSIDE_RETRY',
  'BREAKER_BOX_THROTTLE_OUTSIDE_RETRY',
  'BREAKER_BOX_CACHE_INSIDE_BREAKER',
  'BREAKER_BOX_CACHE_INSIDE_LIMIT',
  'BREAKER_BOX_HEDGE_NOT_IDEMPOTENT',
  'BREAKER_BOX_HEDGE_OUTSIDE_RETRY',
  'BREAKER_BOX_HEDGE_AFTER_TIMEOUT',
  'BREAKER_BOX_PRESET_REPLACED',
] as const;

/** The code of a finding; `allow` takes those that are meant. */
export type FindingCode = (typeof FINDING_CODES)[number];
