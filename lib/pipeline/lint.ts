import type { FindingCode } from '../core/finding-codes';
import type { CommonOptions } from '../core/options';
import type { AppliedPolicy } from './applied-policy';
import { LINT_RULES } from './lint-rules';

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
  for (const [name, problemOf] of Object.entries(LINT_RULES)) {
    const code = name as FindingCode;
    const problem = allowed.has(code) ? undefined : problemOf(stack);
    if (problem !== undefined) findings.push({ code, message: `${problem}. If it is meant, say so: allow: ['${code}']` });
  }
  return findings;
}
