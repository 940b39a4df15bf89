import { sameOptions, text } from './options';
import { optional } from './check';
import { ConfigurationError, type ConfigurationIssue } from './errors';
import type { LayerContext } from './policy';
import { valueText } from './safe-inspect';

/** For limits that several operations can share. */
export interface GroupOptions {
  /** One limit for all operations of the registry, in this process, that name the group; their options must agree. @defaultValue a limit of its own */
  group?: string | undefined;
}

export const groupOptions = {
  group: optional(text()),
};

interface Group {
  /** Who gave the options. */
  readonly operation: string;
  readonly options: object;
  readonly limit: unknown;
}

/** By the states of a registry, then by policy and name. Empty while nobody groups anything. */
const groups = new WeakMap<object, Map<string, Group>>();

/** Options that say where an operation is, not how its limit behaves. */
const NOT_THE_LIMITS: readonly string[] = ['name', 'registry', 'stream', 'signal', 'allow'];

/**
 * The limit of a group, made for the first operation that names it; without a group, a limit of its own.
 *
 * @throws {@link ConfigurationError} that names every option which another operation of the group gives otherwise.
 */
export function grouped<L, O extends GroupOptions>(policy: string, options: O, context: Pick<LayerContext, 'operation' | 'registry'>, make: () => L): L {
  if (options.group === undefined) return make();
  const { states } = context.registry;
  const known = groups.get(states) ?? new Map<string, Group>();
  groups.set(states, known);
  const id = `${policy} ${options.group}`;
  const group = known.get(id) ?? { operation: context.operation, options, limit: make() };
  known.set(id, group);
  const issues = disagreements(group, options);
  if (issues.length > 0) throw new ConfigurationError(`${policy} of ${context.operation}`, issues, context.operation);
  return group.limit as L;
}

function disagreements(group: Group, options: GroupOptions): ConfigurationIssue[] {
  const there = group.options as Readonly<Record<string, unknown>>;
  const here = options as Readonly<Record<string, unknown>>;
  return Object.keys({ ...there, ...here })
    .filter((path) => !NOT_THE_LIMITS.includes(path) && !sameOptions(there[path], here[path], true))
    .map((path) => ({ path, message: __DEV__ ? mustAgree(group, options, valueText(there[path])) : 'invalid', received: here[path] }));
}

function mustAgree({ operation }: Group, { group }: GroupOptions, value: string): string {
  return `the group '${String(group)}' has ${value}, which ${operation} gave it; operations of one group must agree`;
}
