import { FINDING_CODES, type FindingCode } from '../core/finding-codes';
import type { CommonOptions } from '../core/options';
import type { AppliedPolicy } from './policy';

/** Something about a pipeline that hurts, though it works. */
export interface Finding {
  readonly code: FindingCode;
  /** What it does, what to do instead, and how to have it so without being told. */
  readonly message: string;
}

/**
 * Looks for orders and combinations of policies that hurt.
 *
 * @param stack - The policies of one pipeline, outermost first. What one of them allows is allowed for all.
 */
export function lint(stack: readonly AppliedPolicy[]): Finding[] {
  const allowed = new Set(stack.flatMap(({ given }) => (given as CommonOptions).allow ?? []));
  const findings: Finding[] = [];
  for (const code of FINDING_CODES) {
    const problem = allowed.has(code) ? undefined : problemOf(code, stack);
    if (problem !== undefined) findings.push({ code, message: `${problem}. If it is meant, say so: allow: ['${code}']` });
  }
  return findings;
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
