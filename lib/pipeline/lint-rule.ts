import type { AppliedPolicy } from './applied-policy';

/** What is wrong with a stack, outermost first, and what to do instead; undefined when nothing is. */
export type Rule = (stack: readonly AppliedPolicy[]) => string | undefined;

export type Test = (policy: AppliedPolicy) => boolean;

/**
 * The rule that one kind of policy is not to be somewhere inside another.
 *
 * @param hurts - Looks closer at such a pair. Without it every pair hurts.
 */
export function pairRule(
  isOuter: Test,
  isInner: Test,
  problem: string,
  hurts: (outer: AppliedPolicy, inner: AppliedPolicy, stack: readonly AppliedPolicy[]) => boolean = () => true,
): Rule {
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
