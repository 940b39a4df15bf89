import { copyOptions } from '../core/options';
import type { BreakerOptions } from '../breaker/options';

/** Options, and where they were given. */
export interface OptionSource {
  readonly source: string;
  readonly options: BreakerOptions;
  /** What the options were copied from, if it is yet to be checked. */
  readonly unchecked?: BreakerOptions;
}

/** Options of all operations whose names fit a pattern. */
export interface ConfigEntry extends OptionSource {
  /** `*` stands for any characters. */
  readonly pattern: string;
  /** Whether sites win over it. */
  readonly isDefault?: boolean;
  /** Entries of one owner are removed together. */
  readonly owner?: object;
}

/** The entries of a registry, in the order in which they were added. */
export type ConfigList = readonly ConfigEntry[];

/** The options around those of an operation's sites, the weakest first. */
export interface Surrounding {
  readonly below: readonly OptionSource[];
  readonly above: readonly OptionSource[];
}

/** Finds the entries for a name: exact names win over patterns, later entries over earlier ones. */
export function entriesFor(config: ConfigList, name: string): Surrounding {
  const matching = config.filter(({ pattern }) => matches(pattern, name));
  const above = matching.filter(({ isDefault }) => isDefault !== true);
  return {
    below: matching.filter(({ isDefault }) => isDefault === true),
    above: [...above.filter(({ pattern }) => isPattern(pattern)), ...above.filter(({ pattern }) => !isPattern(pattern))],
  };
}

/** The list with one more entry. What it says again of the same pattern is dropped from earlier ones, so that the list stays short. */
export function withEntry(config: ConfigList, entry: ConfigEntry): ConfigList {
  const kept = config.flatMap((one) => (one.pattern === entry.pattern && one.isDefault !== true ? uncovered(one, entry.options) : [one]));
  return [...kept, { ...entry, options: copyOptions(entry.options) }];
}

function uncovered(entry: ConfigEntry, by: BreakerOptions): ConfigEntry[] {
  const options = without(entry.options, by);
  return Object.keys(options).length === 0 ? [] : [{ ...entry, options }];
}

/** The options that others do not have. */
export function without(options: BreakerOptions, others: BreakerOptions): BreakerOptions {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !(name in others)));
}

function isPattern(pattern: string): boolean {
  return pattern.includes('*');
}

/** Whether a name fits a pattern, in which `*` stands for any characters, dots too. */
export function matches(pattern: string, name: string): boolean {
  const parts = pattern.split('*');
  const first = parts.shift() ?? '';
  const last = parts.pop();
  if (last === undefined) return name === pattern;
  if (!name.startsWith(first)) return false;
  let position = first.length;
  for (const part of parts) {
    const found = name.indexOf(part, position);
    if (found < 0) return false;
    position = found + part.length;
  }
  return name.length - last.length >= position && name.endsWith(last);
}
