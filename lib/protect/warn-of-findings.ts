import { warnOnce } from '../core/warn';
import type { AppliedPolicy } from './policy';
import { lint } from './lint';
import type { OperationSite } from './operation-site';

/** Warns of what hurts in a stack, outermost first: once for each site and finding. */
export function warnOfFindings(site: OperationSite, stack: readonly AppliedPolicy[], subject: string): void {
  for (const { code, message } of lint(stack)) warnOnce(site, code, `${subject}: ${message}`);
}

/** Sites whose stack may still grow, and how errors name the last policy of it. */
const growing = new WeakMap<OperationSite, string>();

/**
 * Warns of what hurts in all that is stacked on a site, as soon as that is whole: decorators are applied one by one, inner
 * ones first, and all of them before anything else can run. One that is applied later may allow what an earlier one does.
 */
export function warnOfStack(site: OperationSite, subject: string): void {
  const isExpected = growing.has(site);
  growing.set(site, subject);
  if (isExpected) return;
  void Promise.resolve().then(() => {
    const stack = [...site.pipelines].reverse().flatMap(({ policies }) => policies);
    warnOfFindings(site, stack, growing.get(site) ?? subject);
    growing.delete(site);
  });
}
