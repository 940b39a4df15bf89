import { ConfigurationError, isConfigurationError, type ConfigurationIssue } from '../core/errors';
import { copyOptions, isRecord, type CommonOptions, type RegistryRef } from '../core/options';
import type { Policy, StackedPolicy } from '../core/policy';

/** A policy that was checked where it was applied. */
export interface AppliedPolicy extends StackedPolicy {
  /** As the user wrote them. */
  readonly given: object;
  /** Which of them were said for all policies of a larger input together. */
  readonly common: readonly string[];
  /** What hurts about it where it stood in a larger input; undefined when nothing does. */
  readonly problem?: string | undefined;
}

/**
 * Checks policies, all of them, so that one error names all problems.
 *
 * @param isStream - Whether the function is known to give a stream, unless they say otherwise.
 * @throws {@link ConfigurationError}
 */
export function applyPolicies(policies: readonly Policy[], subject: string, isStream = false): AppliedPolicy[] {
  const { applied, issues, said } = check(policies, subject);
  if (issues.length > 0) throw new ConfigurationError(subject, [...issues, ...contradictions(said, isStream)]);
  return applied;
}

/** Every problem of some policies, none when they are right; as {@link applyPolicies} finds them. */
export function policyProblems(policies: readonly Policy[], subject: string, isStream = false): ConfigurationIssue[] {
  const { issues, said } = check(policies, subject);
  return [...issues, ...contradictions(said, isStream)];
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
  for (const { kind, given, path: prefix = '', common = [], problemOf } of policies) {
    try {
      const options = kind.resolve(given, subject) as object;
      kind.equip?.();
      const policy = { kind, given: copyOptions(given as object), options, common, problem: problemOf?.(given as object) };
      checked.applied.push(policy);
      checked.said.push(policy);
    } catch (error) {
      if (!isConfigurationError(error)) throw error;
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

/**
 * @param isStream - Whether the function gives a stream, unless they say otherwise.
 * @throws {@link ConfigurationError} when they contradict each other, when there is more than one breaker, or when some cannot
 *   protect a stream.
 */
export function commonGround(policies: readonly AppliedPolicy[], subject: string, isStream: boolean): CommonGround {
  const issues = contradictions(policies, isStream);
  if (issues.length > 0) throw new ConfigurationError(subject, issues);
  const agreed = <K extends keyof CommonGround>(option: K): CommonGround[K] => valuesOf(policies, option)[0] as CommonGround[K];
  return { name: agreed('name'), stream: agreed('stream'), registry: agreed('registry') };
}

const MUST_AGREE: Readonly<Record<keyof CommonGround, string>> = {
  name: 'the policies of one stack are one operation and cannot have different names',
  stream: 'the policies of one stack must agree whether the function is a stream',
  registry: 'the policies of one stack are one operation and cannot be in different registries',
};

function contradictions(policies: readonly Said[], isStream: boolean): ConfigurationIssue[] {
  const issues: ConfigurationIssue[] = Object.entries(MUST_AGREE).flatMap(([path, message]) => {
    const received = valuesOf(policies, path as keyof CommonGround);
    return received.length > 1 ? [{ path, message, received }] : [];
  });
  const breakers = policies.filter(({ kind }) => kind.policy === 'breaker').length;
  if (breakers > 1) issues.push({ path: 'breaker', message: 'an operation has one breaker', received: breakers });
  if (valuesOf(policies, 'stream')[0] ?? isStream) issues.push(...policies.flatMap(streamProblems));
  return issues;
}

function streamProblems({ kind: { policy, noStreams } }: Said): ConfigurationIssue[] {
  return noStreams === undefined ? [] : [{ path: policy, message: noStreams, received: 'a function that gives a stream' }];
}

function valuesOf(policies: readonly Said[], option: keyof CommonGround): unknown[] {
  return [...new Set(policies.map(({ given }) => (given as CommonOptions)[option]).filter((value) => value !== undefined))];
}

function joined(prefix: string, path: string): string {
  return prefix === '' || path === '' ? prefix + path : `${prefix}.${path}`;
}
