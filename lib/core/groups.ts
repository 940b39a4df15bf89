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
  /** The operations that name it. */
  readonly members: Set<string>;
  /** Made at the first call of one of them. */
  limit?: unknown;
}

type Context = Pick<LayerContext, 'operation' | 'registry'>;

/** By the states of a registry, then by policy and name. Empty while nobody groups anything. */
const groups = new WeakMap<object, Map<string, Group>>();

/** Options that say where an operation is, not how its limit behaves. */
const NOT_THE_LIMITS: readonly string[] = ['name', 'registry', 'stream', 'signal', 'allow'];

/**
 * Lets an operation join the group that its options name, where they are applied.
 *
 * @returns What is to be called when the application has succeeded.
 * @throws {@link ConfigurationError} that names every option which another operation of the group gives otherwise.
 */
export function joinGroup(policy: string, options: GroupOptions, context: Context): () => void {
  if (options.group !== undefined) check(policy, groupOf(policy, options, context, true), options, context);
  return () => {
    if (options.group !== undefined) keep(policy, groupOf(policy, options, context, true), options, context);
  };
}

/**
 * The limit of a group, made for the first operation that calls; without a group, a limit of its own.
 *
 * @throws {@link ConfigurationError} that names every option which another operation of the group gives otherwise.
 */
export function grouped<L, O extends GroupOptions>(policy: string, options: O, context: Context, make: () => L): L {
  if (options.group === undefined) return make();
  const group = groupOf(policy, options, context, false);
  check(policy, group, options, context);
  keep(policy, group, options, context);
  return (group.limit ??= make()) as L;
}

/** The group that is there, or a new one. @param isApplied - Whether an operation that is the only one of its group is evaluated again: its options are the newest. */
function groupOf(policy: string, options: GroupOptions, { operation, registry }: Context, isApplied: boolean): Group {
  const known = groups.get(registry.states)?.get(idOf(policy, options));
  const isOwn = isApplied && known !== undefined && [...known.members].every((member) => member === operation);
  return known === undefined || (isOwn && disagreements(known, options).length > 0) ? { operation, options, members: new Set() } : known;
}

function keep(policy: string, group: Group, options: GroupOptions, { operation, registry: { states } }: Context): void {
  const known = groups.get(states) ?? new Map<string, Group>();
  groups.set(states, known.set(idOf(policy, options), group));
  group.members.add(operation);
}

function idOf(policy: string, { group }: GroupOptions): string {
  return `${policy} ${group}`;
}

function check(policy: string, group: Group, options: GroupOptions, { operation }: Context): void {
  const issues = disagreements(group, options);
  if (issues.length > 0) throw new ConfigurationError(`${policy} of ${operation}`, issues, operation);
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
