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

/** The options that an operation has, the weakest first: defaults, those of its site, patterns, exact names; later entries win over earlier ones. */
export function sourcesFor(config: ConfigList, name: string, site: OptionSource): OptionSource[] {
  const matching = config.filter(({ pattern }) => matches(pattern, name));
  const of = (rank: number): ConfigEntry[] => matching.filter((entry) => rankOf(entry) === rank);
  return [...of(0), site, ...of(1), ...of(2)];
}

function rankOf({ isDefault, pattern }: ConfigEntry): number {
  if (isDefault === true) return 0;
  return pattern.includes('*') ? 1 : 2;
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

/** Whether a name fits a pattern, in which `*` stands for any characters, dots too. */
export function matches(pattern: string, name: string): boolean {
  const parts = pattern.split('*');
  const last = parts.pop()!;
  if (parts.length === 0) return name === pattern;
  if (!name.startsWith(parts[0]!)) return false;
  let end = 0;
  for (const part of parts) {
    const start = name.indexOf(part, end);
    if (start < 0) return false;
    end = start + part.length;
  }
  return name.length - last.length >= end && name.endsWith(last);
}
