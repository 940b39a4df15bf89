import { ConfigurationError, type ConfigurationIssue } from '../core/errors';
import { copyOptions, isRecord, type CommonOptions, type RegistryRef } from '../core/options';
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
  const { applied, issues, said } = check(policies, subject);
  if (issues.length > 0) throw new ConfigurationError(subject, [...issues, ...contradictions(said)]);
  return applied;
}

/** Every problem of some policies, none when they are right. */
export function policyProblems(policies: readonly Policy[], subject: string): ConfigurationIssue[] {
  const { issues, said } = check(policies, subject);
  return [...issues, ...contradictions(said)];
}

/** A policy of a stack, and what it says that the others may contradict. */
type Said = Pick<AppliedPolicy, 'kind' | 'given'>;

interface Checked {
  readonly applied: AppliedPolicy[];
  readonly issues: ConfigurationIssue[];
  /** What all of them say, the wrong ones too. */
  readonly said: Said[];
}

function check(policies: readonly Policy[], subject: string): Checked {
  const checked: Checked = { applied: [], issues: [], said: [] };
  for (const { kind, given, path: prefix = '', common = [] } of policies) {
    try {
      const options = kind.resolve(given, subject) as object;
      const policy = { kind, given: copyOptions(given as object), options, common };
      checked.applied.push(policy);
      checked.said.push(policy);
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      checked.issues.push(...error.issues.map((issue) => ({ ...issue, path: joined(prefix, issue.path) })));
      checked.said.push({ kind, given: withoutBlamed(given, error.issues) });
    }
  }
  return checked;
}

/** One mistake is one issue: a name that is no string is not blamed for being another name as well. */
export function withoutBlamed(given: unknown, issues: readonly ConfigurationIssue[]): object {
  if (!isRecord(given)) return {};
  return Object.fromEntries(Object.entries(given).filter(([name]) => !issues.some(({ path }) => path === name)));
}

/** What the policies of one stack say together. */
export interface CommonGround {
  readonly name: string | undefined;
  readonly stream: boolean | undefined;
  readonly registry: RegistryRef | undefined;
}

/** @throws {@link ConfigurationError} when they contradict each other, or when there is more than one breaker. */
export function commonGround(policies: readonly AppliedPolicy[], subject: string): CommonGround {
  const issues = contradictions(policies);
  if (issues.length > 0) throw new ConfigurationError(subject, issues);
  const agreed = <K extends keyof CommonGround>(option: K): CommonGround[K] => valuesOf(policies, option)[0] as CommonGround[K];
  return { name: agreed('name'), stream: agreed('stream'), registry: agreed('registry') };
}

const MUST_AGREE: Readonly<Record<keyof CommonGround, string>> = {
  name: 'the policies of one stack are one operation and cannot have different names',
  stream: 'the policies of one stack must agree whether the function is a stream',
  registry: 'the policies of one stack are one operation and cannot be in different registries',
};

function contradictions(policies: readonly Said[]): ConfigurationIssue[] {
  const issues = Object.entries(MUST_AGREE).flatMap(([path, message]) => {
    const received = valuesOf(policies, path as keyof CommonGround);
    return received.length > 1 ? [{ path, message, received }] : [];
  });
  const breakers = policies.filter(({ kind }) => kind.policy === 'breaker').length;
  return breakers > 1 ? [...issues, { path: 'breaker', message: 'an operation has one breaker', received: breakers }] : issues;
}

function valuesOf(policies: readonly Said[], option: keyof CommonGround): unknown[] {
  return [...new Set(policies.map(({ given }) => (given as CommonOptions)[option]).filter((value) => value !== undefined))];
}

function joined(prefix: string, path: string): string {
  return prefix === '' || path === '' ? prefix + path : `${prefix}.${path}`;
}
