import type { AppliedPolicy } from './applied-policy';

/** What decides which calls are repeated and which outcomes count. Other options are figures, which a user replaces on purpose. */
const DECISIVE: Readonly<Record<string, readonly string[]>> = {
  retry: ['idempotent', 'handle', 'handleResult'],
  breaker: ['handle', 'handleResult'],
};

const CONSEQUENCE: Readonly<Record<string, string>> = {
  retry: 'so it repeats calls that must not be, and after failures that do not pass',
  breaker: 'so it counts answers as failures, or failures as successes',
};

/** The rule that a policy in the place of a preset's does not lose what made that one safe. */
export function lostSafety(stack: readonly AppliedPolicy[]): string | undefined {
  const problems = stack.flatMap(problemOf);
  return problems.length === 0 ? undefined : problems.join('; ');
}

function problemOf({ kind, given, options, instead }: AppliedPolicy): string[] {
  if (instead === undefined || kind.repeats?.(options) === false) return []; // a retry that makes one attempt loses nothing
  const { policy } = kind;
  const says = (options: object, name: string): boolean => (options as Record<string, unknown>)[name] !== undefined;
  const lost = Object.keys(instead.options).filter((name) => says(instead.options, name) && !says(given, name));
  if (!lost.some((name) => DECISIVE[policy]?.includes(name))) return [];
  return [
    `the ${policy} replaces that of ${instead.call}() with its ${lost.join(', ')}, ${CONSEQUENCE[policy]}; ` +
      `to keep them, give it as an override: ${instead.call}({ ${policy}: { ... } })`,
  ];
}
