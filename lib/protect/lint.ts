import { FINDING_CODES, type FindingCode } from '../core/lint-rule';
import type { CommonOptions } from '../core/options';
import { warnOnce } from '../core/warn';
import type { Site } from '../registry/site';
import type { AppliedPolicy } from './policy';

/** Something about a pipeline that hurts, though it works. */
interface Finding {
  readonly code: FindingCode;
  /** Its effect, the remedy, and how to have it so without a warning. */
  readonly message: string;
}

/** Looks for orders and combinations of policies that hurt, in one pipeline, outermost first. What one policy allows is allowed for all. */
function lint(stack: readonly AppliedPolicy[]): Finding[] {
  const allowed = new Set(stack.flatMap(({ given }) => (given as CommonOptions).allow ?? []));
  return FINDING_CODES.flatMap((code) => {
    const problem = allowed.has(code) ? undefined : problemOf(code, stack);
    return problem === undefined ? [] : { code, message: `${problem}. If it is meant, say so: allow: ['${code}']` };
  });
}

/** By the rule of the kinds that have one: a kind that is not in the stack cannot hurt, and need not be imported. */
function problemOf(code: FindingCode, stack: readonly AppliedPolicy[]): string | undefined {
  if (code === 'BREAKER_BOX_PRESET_REPLACED') return replacedProblem(stack);
  const ruled = stack.find(({ kind }) => kind.lint?.[code] !== undefined);
  return ruled?.kind.lint?.[code]?.(stack);
}

function replacedProblem(stack: readonly AppliedPolicy[]): string | undefined {
  // A retry that makes one attempt loses nothing.
  const harmful = stack.filter(({ kind, options }) => kind.repeats?.(options) !== false);
  return harmful.flatMap(({ problem }) => problem ?? []).join('; ') || undefined;
}

/** Warns of what hurts in a stack, outermost first: once for each site and finding. */
export function warnOfFindings(site: Site, stack: readonly AppliedPolicy[], subject: string): void {
  for (const { code, message } of lint(stack)) warnOnce(site, code, `${subject}: ${message}`);
}

/** Sites whose stack may still grow, and how errors name the last policy of it. */
const growing = new WeakMap<object, string>();

/**
 * Warns of what hurts in all that is stacked on a site, as soon as that is whole: decorators are applied one by one, inner
 * ones first, and all of them before anything else can run. One that is applied later may allow what an earlier one does.
 */
export function warnOfStack(site: Site, subject: string): void {
  const isExpected = growing.has(site);
  growing.set(site, subject);
  if (isExpected) return;
  void Promise.resolve().then(() => {
    const stack = [...(site.stack?.pipelines ?? [])].reverse().flatMap(({ policies }) => policies);
    warnOfFindings(site, stack, growing.get(site) ?? subject);
    growing.delete(site);
  });
}
