import { isRecord } from '../core/options';

/** The policies of a preset, and how it is called. */
interface Preset {
  readonly call: string;
  readonly policies: Readonly<Record<string, unknown>>;
}

/** The options of a preset's policy, in whose place a user's own policy stands. */
export interface PresetPolicy {
  /** `presets.http`. */
  readonly call: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** By the policies themselves: they stay the same objects when a preset is spread. */
const presets = new WeakMap<object, Preset>();

/** Remembers policies as those of a preset. */
export function markPreset<P extends object>(policies: P, call: string): P {
  const preset = { call, policies: policies as Readonly<Record<string, unknown>> };
  for (const options of Object.values(policies)) {
    if (isRecord(options)) presets.set(options, preset);
  }
  return policies;
}

/**
 * The options that one of some policies replaces: `retry` in `{ ...presets.http(), retry: { maxAttempts: 4 } }`.
 *
 * @returns undefined when it is the preset's own, or that of another preset, and when no preset is there.
 */
export function replacedBy(given: object, policy: string): PresetPolicy | undefined {
  const own = (given as Record<string, unknown>)[policy];
  if (!isRecord(own) || presets.has(own)) return undefined;
  for (const other of Object.values(given)) {
    const preset = isRecord(other) ? presets.get(other) : undefined;
    const options = preset?.policies[policy];
    if (preset !== undefined && isRecord(options)) return { call: preset.call, options };
  }
  return undefined;
}

/** Options that decide which calls are repeated and which outcomes count. Other options are figures, which a user replaces on purpose. */
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
