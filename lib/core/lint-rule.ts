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
