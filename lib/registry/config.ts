import { copyOptions } from '../core/options';
import type { BreakerOptions } from '../breaker/options';

/** Options, and where they were given. */
export interface OptionSource {
  readonly source: string;
  readonly options: BreakerOptions;
  /** What the options were copied from, if it is yet to be checked. */
  unchecked?: BreakerOptions | undefined;
}

/** Options of all operations whose names fit a pattern. */
export interface ConfigEntry extends OptionSource {
  /** `*` stands for any characters. */
  readonly pattern: string;
  /** Which entries win: defaults, beneath those of sites; patterns; exact names. */
  readonly rank: 'default' | 'pattern' | 'name';
  /** Whether the name of an operation fits. */
  readonly fits: (name: string) => boolean;
  /** Entries of one owner are removed together. */
  readonly owner?: object;
}

/** The entries of a registry, in the order in which they were added. */
export type ConfigList = readonly ConfigEntry[];

/** The options that an operation has, the weakest first: defaults, those of its site, patterns, exact names; later entries win over earlier ones. @param withConfigured - Whether with what operators have configured over the sites. */
export function sourcesFor(config: ConfigList, name: string, site: OptionSource, withConfigured = true): OptionSource[] {
  const of = (rank: ConfigEntry['rank']): ConfigEntry[] => config.filter((entry) => entry.rank === rank && entry.fits(name));
  return [...of('default'), site, ...(withConfigured ? [...of('pattern'), ...of('name')] : [])];
}

/** Options over those of sites. */
export function configEntry(pattern: string, options: BreakerOptions, source: string, owner?: object): ConfigEntry {
  const rank = pattern.includes('*') ? 'pattern' : 'name';
  return { pattern, rank, fits: (name) => matches(pattern, name), options: copyOptions(options), source, ...(owner && { owner }) };
}

/** Options of all operations, beneath those of sites. @param more - What else there is to say of them. */
export function defaultsEntry(options: BreakerOptions, source: string, more: Partial<ConfigEntry>): ConfigEntry {
  return { pattern: '*', rank: 'default', fits: () => true, options: copyOptions(options), source, ...more };
}

/** The list with one more entry. What it says again of the same pattern is dropped from earlier ones, so that the list stays short. */
export function withEntry(config: ConfigList, entry: ConfigEntry): ConfigList {
  const kept = config.flatMap((one) => (one.pattern === entry.pattern && one.rank !== 'default' ? uncovered(one, entry.options) : [one]));
  return [...kept, entry];
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
