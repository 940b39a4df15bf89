import type { PresetPolicy } from './preset-marks';

/** What decides which calls are repeated and which outcomes count. Other options are figures, which a user replaces on purpose. */
const DECISIVE: Readonly<Record<string, readonly string[]>> = {
  retry: ['idempotent', 'handle', 'handleResult'],
  breaker: ['handle', 'handleResult'],
};

const CONSEQUENCE: Readonly<Record<string, string>> = {
  retry: 'so it repeats calls that must not be, and after failures that do not pass',
  breaker: 'so it counts answers as failures, or failures as successes',
};

/** Finds what a policy in the place of a preset's has lost of what made that one safe; undefined when it has not. */
export function lossOf(policy: string, instead: PresetPolicy): (given: object) => string | undefined {
  const says = (options: object, name: string): boolean => (options as Record<string, unknown>)[name] !== undefined;
  return (given) => {
    const lost = Object.keys(instead.options).filter((name) => says(instead.options, name) && !says(given, name));
    if (!lost.some((name) => DECISIVE[policy]?.includes(name))) return undefined;
    return (
      `the ${policy} replaces that of ${instead.call}() with its ${lost.join(', ')}, ${CONSEQUENCE[policy]}; ` +
      `to keep them, give it as an override: ${instead.call}({ ${policy}: { ... } })`
    );
  };
}
