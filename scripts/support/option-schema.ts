import type { About, Check, Entries } from '../../lib/core/check';

/** What a schema says about one option. */
export interface OptionSchema {
  /** As a user would write it; undefined when the schema has no default. */
  readonly defaultValue: string | undefined;
  /** The range that the schema enforces, in the words that doc comments use; undefined when it is not about a range. */
  readonly range: string | undefined;
  /** The options of which an object option is made. */
  readonly parts: ReadonlyMap<string, OptionSchema>;
}

/** The options that the check of an object knows, by name. */
export function optionsOf(check: Check<unknown>): Map<string, OptionSchema> {
  return partsOf(check.about?.entries);
}

/** The options of one that depends on what is given. */
export function optionsOfVariant(check: Check<unknown>, option: string, given: object): Map<string, OptionSchema> {
  const choose = check.about?.entries?.[option]?.about?.choose;
  if (choose === undefined) throw new Error(`the check of ${option} does not depend on what is given`);
  return optionsOf(choose(given));
}

function partsOf(entries: Entries = {}): Map<string, OptionSchema> {
  return new Map(Object.entries(entries).map(([name, { about = {} }]) => [name, describe(about)]));
}

function describe({ defaultValue, allowed, entries }: About): OptionSchema {
  return { defaultValue: literal(defaultValue), range: rangeIn(allowed), parts: partsOf(entries) };
}

function literal(value: unknown): string | undefined {
  if (value === undefined || typeof value === 'object') return undefined;
  return typeof value === 'string' ? `'${value}'` : String(value);
}

function rangeIn(message: unknown): string | undefined {
  const [, kind, sign, bound] = /\b(integer|duration|number|ratio) (>=?) (\d+)/.exec(String(message)) ?? [];
  if (kind === undefined) return undefined;
  if (kind === 'ratio') return sign === '>' ? '> 0, ≤ 1' : '0–1';
  return `${kind === 'integer' ? 'integer ' : ''}${sign === '>' ? '>' : '≥'} ${bound}`;
}
