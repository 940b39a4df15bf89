import { ConfigurationError, type ConfigurationIssue } from '../core/errors';
import { copyOptions, type CommonOptions, type RegistryRef } from '../core/options';
import type { Policy, PolicyKind } from '../core/policy';

/** A policy that was checked where it was applied. */
export interface AppliedPolicy {
  readonly kind: PolicyKind;
  /** As the user wrote them. */
  readonly given: object;
  /** With defaults filled in. */
  readonly options: object;
  /** Which of them were said for all policies of a larger input together. */
  readonly common: readonly string[];
}

/** Checks policies, all of them, so that one error names all problems. @throws {@link ConfigurationError} */
export function applyPolicies(policies: readonly Policy[], subject: string): AppliedPolicy[] {
  const issues: ConfigurationIssue[] = [];
  const applied: AppliedPolicy[] = [];
  for (const { kind, given, path: prefix = '', common = [] } of policies) {
    try {
      const options = kind.resolve(given, subject) as object;
      applied.push({ kind, given: copyOptions(given as object), options, common });
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      issues.push(...error.issues.map((issue) => ({ ...issue, path: joined(prefix, issue.path) })));
    }
  }
  if (issues.length > 0) throw new ConfigurationError(subject, issues);
  return applied;
}

/** Every problem of some policies, none when they are right. */
export function policyProblems(policies: readonly Policy[], subject: string): readonly ConfigurationIssue[] {
  try {
    applyPolicies(policies, subject);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.issues;
    throw error;
  }
}

/** What the policies of one stack say together. */
export interface CommonGround {
  readonly name: string | undefined;
  readonly stream: boolean | undefined;
  readonly registry: RegistryRef | undefined;
}

/** @throws {@link ConfigurationError} when they contradict each other, or when there is more than one breaker. */
export function commonGround(policies: readonly AppliedPolicy[], subject: string): CommonGround {
  const issues: ConfigurationIssue[] = [];
  const agreed = <K extends keyof CommonGround>(option: K, message: string): CommonGround[K] => {
    const values = new Set(policies.map(({ given }) => (given as CommonOptions)[option]).filter((value) => value !== undefined));
    if (values.size > 1) issues.push({ path: option, message, received: [...values] });
    return [...values][0] as CommonGround[K];
  };
  const ground = {
    name: agreed('name', 'the policies of one stack are one operation and cannot have different names'),
    stream: agreed('stream', 'the policies of one stack must agree whether the function is a stream'),
    registry: agreed('registry', 'the policies of one stack are one operation and cannot be in different registries'),
  };
  const breakers = policies.filter(({ kind }) => kind.policy === 'breaker').length;
  if (breakers > 1) issues.push({ path: 'breaker', message: 'an operation has one breaker', received: breakers });
  if (issues.length > 0) throw new ConfigurationError(subject, issues);
  return ground;
}

function joined(prefix: string, path: string): string {
  return prefix === '' || path === '' ? prefix + path : `${prefix}.${path}`;
}
