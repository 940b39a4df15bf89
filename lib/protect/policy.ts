import { ConfigurationError, isConfigurationError, type ConfigurationIssue } from '../core/errors';
import { copyOptions, isRecord, type CommonOptions, type RegistryRef } from '../core/options';
import type { Policy, PolicyKind, StackedPolicy } from '../core/policy';

/** A policy that was checked where it was applied. */
export class AppliedPolicy implements StackedPolicy {
  /**
   * @param given - Its options, as the user wrote them.
   * @param common - Which of them were said for all policies of a larger input together.
   * @param problem - What hurts about it where it stood in a larger input; undefined when nothing does.
   */
  constructor(
    readonly kind: PolicyKind,
    readonly given: object,
    readonly common: readonly string[],
    readonly problem: string | undefined,
  ) {}

  /** Resolved when they are asked for, which is seldom: kept, they were a tenth of an idle wrapper. */
  get options(): object {
    return this.kind.resolve(this.given, '') as object;
  }
}

/**
 * Checks policies, all of them, so that one error names all problems.
 *
 * @param isStream - Whether the function is known to give a stream, unless they say otherwise.
 * @throws {@link ConfigurationError}
 */
export function applyPolicies(policies: readonly Policy[], subject: string, isStream = false): AppliedPolicy[] {
  const issues: ConfigurationIssue[] = [];
  const applied = check(policies, subject, issues);
  if (issues.length > 0) throw new ConfigurationError(subject, __DEV__ ? [...issues, ...contradictions(applied, isStream)] : issues);
  return applied as AppliedPolicy[];
}

/** Every problem of some policies, none when they are right; as {@link applyPolicies} finds them. */
export function policyProblems(policies: readonly Policy[], subject: string, isStream = false): ConfigurationIssue[] {
  const issues: ConfigurationIssue[] = [];
  const said = check(policies, subject, issues);
  return [...issues, ...contradictions(said, isStream)];
}

/** A policy of a stack, and what it says that the others may contradict. */
type Said = Pick<AppliedPolicy, 'kind' | 'given'>;

const NONE: readonly string[] = [];

/** @returns The policies; of those that are wrong, what they say, in a development build. */
function check(policies: readonly Policy[], subject: string, issues: ConfigurationIssue[]): Said[] {
  return policies.flatMap(({ kind, given, path: prefix = '', common = NONE, problemOf }): Said | [] => {
    try {
      kind.resolve(given, subject);
      kind.equip();
      return new AppliedPolicy(kind, copyOptions(given as object), common, __DEV__ ? problemOf?.(given as object) : undefined);
    } catch (error) {
      if (!isConfigurationError(error)) throw error;
      issues.push(...error.issues.map((issue) => ({ ...issue, path: [prefix, issue.path].filter(Boolean).join('.') })));
      return __DEV__ ? { kind, given: withoutBlamed(given, error.issues) } : [];
    }
  });
}

/** One mistake is one issue: a name that is no string is not blamed for being another name as well. */
export function withoutBlamed(given: unknown, issues: readonly ConfigurationIssue[]): object {
  if (!isRecord(given)) return {};
  return Object.fromEntries(Object.entries(given).filter(([name]) => !issues.some(({ path }) => path === name)));
}

/** Options that the policies of one stack agree on. */
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
  return Object.fromEntries(MUST_AGREE.map((option) => [option, valuesOf(policies, option)[0]])) as unknown as CommonGround;
}

const MUST_AGREE = ['name', 'stream', 'registry'] as const satisfies (keyof CommonGround)[];

const WHY = __DEV__ && {
  name: 'the policies of one stack are one operation and cannot have different names',
  stream: 'the policies of one stack must agree whether the function is a stream',
  registry: 'the policies of one stack are one operation and cannot be in different registries',
};

function contradictions(policies: readonly Said[], isStream: boolean): ConfigurationIssue[] {
  const issues: ConfigurationIssue[] = MUST_AGREE.flatMap((path) => {
    const received = valuesOf(policies, path);
    return received.length > 1 ? { path, message: WHY ? WHY[path] : 'conflict', received } : [];
  });
  const breakers = policies.filter(isBreaker).length;
  if (breakers > 1) issues.push({ path: 'breaker', message: __DEV__ ? 'an operation has one breaker' : 'conflict', received: breakers });
  if (valuesOf(policies, 'stream')[0] ?? isStream) issues.push(...policies.flatMap(streamProblems));
  return issues;
}

function streamProblems({ kind: { policy: path, noStreams: message } }: Said): ConfigurationIssue[] {
  return message === undefined ? [] : [{ path, message, received: __DEV__ ? 'a function that gives a stream' : undefined }];
}

function valuesOf(policies: readonly Said[], option: keyof CommonGround): unknown[] {
  return [...new Set(policies.flatMap(({ given }) => (given as CommonOptions)[option] ?? []))];
}

export function isBreaker({ kind }: Pick<StackedPolicy, 'kind'>): boolean {
  return kind.policy === 'breaker';
}
