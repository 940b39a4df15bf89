/** What a schema says about one option. */
export interface OptionSchema {
  /** As a user would write it; undefined when the schema has no default. */
  readonly defaultValue: string | undefined;
  /** The range that the schema enforces, in the words that doc comments use; undefined when it is not about a range. */
  readonly range: string | undefined;
  /** The options of which an object option is made. */
  readonly parts: ReadonlyMap<string, OptionSchema>;
}

/** As much of valibot's schemas as is read. */
interface Node {
  readonly type: string;
  readonly message?: unknown;
  readonly default?: unknown;
  readonly wrapped?: Node;
  readonly entries?: Readonly<Record<string, Node>>;
  readonly pipe?: readonly Node[];
  readonly getter?: (given: unknown) => Node;
}

/** The options that an object schema knows, by name. */
export function optionsOf(schema: object): Map<string, OptionSchema> {
  return partsOf(schema as Node);
}

/** The options of a schema that depends on what is given. */
export function optionsOfVariant(schema: object, option: string, given: object): Map<string, OptionSchema> {
  const node = entriesOf(schema as Node)?.[option];
  const getter = node && lazyIn(node);
  if (getter === undefined) throw new Error(`the schema of ${option} does not depend on what is given`);
  return partsOf(getter(given));
}

function partsOf(node: Node): Map<string, OptionSchema> {
  return new Map(Object.entries(entriesOf(node) ?? {}).map(([name, part]) => [name, describe(part)]));
}

function describe(node: Node): OptionSchema {
  const schema = node.wrapped ?? node;
  return { defaultValue: literal(node.default), range: rangeIn(schema.message), parts: partsOf(schema) };
}

/** Schemas nest by `pipe`; the entries are somewhere at the bottom. */
function entriesOf(node: Node): Readonly<Record<string, Node>> | undefined {
  return node.entries ?? node.pipe?.map(entriesOf).find((entries) => entries !== undefined);
}

function lazyIn(node: Node): Node['getter'] {
  return node.getter ?? [...(node.pipe ?? []), ...(node.wrapped ? [node.wrapped] : [])].map(lazyIn).find((getter) => getter !== undefined);
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
