import { ConfigurationError, type ConfigurationIssue } from './errors';
import { propertyOf } from './safe-inspect';
import { unknownOption } from './unknown-option';

/** Returns what an input stands for, defaults filled in; adds to `issues` what is wrong with it, and then returns the input. */
export interface Check<T> {
  (given: unknown, issues: ConfigurationIssue[], path: string): T;
  /** The source of the tables of options. Only a developer's build has it. */
  about?: About | undefined;
}

export interface About {
  readonly allowed?: Allowed;
  readonly defaultValue?: unknown;
  readonly entries?: Entries;
  /** The check that an input decides on. */
  readonly choose?: (given: unknown) => Check<unknown>;
}

/** The values that are allowed, as a sentence without its subject; made of the input where that helps. `false` in a production build. */
export type Allowed = string | false | ((given: unknown) => string);

/** The type that a check returns. */
export type Checked<C> = C extends Check<infer T> ? T : never;

// A function's parameters are compared both ways here: a table holds checks of all types.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Entries = Readonly<Record<string, Check<any>>>;

type OptionalKeys<E extends Entries> = { [K in keyof E]: undefined extends Checked<E[K]> ? K : never }[keyof E];

/** The type that the checks of an object return together. */
export type Options<E extends Entries> = { [K in Exclude<keyof E, OptionalKeys<E>>]: Checked<E[K]> } & { [K in OptionalKeys<E>]?: Checked<E[K]> };

/**
 * Checks an input, and returns it with its defaults. The input itself is neither kept nor changed.
 *
 * @throws {@link ConfigurationError} that names every problem of the input.
 */
export function resolve<T>(check: Check<T>, given: unknown, subject: string): T {
  const issues: ConfigurationIssue[] = [];
  const output = check(given, issues, '');
  if (issues.length > 0) throw new ConfigurationError(subject, issues);
  return output;
}

/** Every problem of an input, none when it is right. */
export function problems(check: Check<unknown>, given: unknown): ConfigurationIssue[] {
  const issues: ConfigurationIssue[] = [];
  check(given, issues, '');
  return issues;
}

/** Adds an issue. @returns The input: rules between options look at it. */
export function refuse(issues: ConfigurationIssue[], path: string, received: unknown, allowed: Allowed): never {
  const message = __DEV__ && (typeof allowed === 'function' ? allowed(received) : allowed);
  issues.push({ path, message: message || 'invalid', received });
  return received as never;
}

/** Takes the inputs that a predicate takes, as they are. */
export function when<T>(isRight: (given: unknown) => boolean, allowed: Allowed): Check<T> {
  const check: Check<T> = (given, issues, path) => (isRight(given) ? (given as T) : refuse(issues, path, given, allowed));
  if (__DEV__) check.about = { allowed };
  return check;
}

export const anything = (): Check<unknown> => (given) => given;

/** An option that may be left out. @param defaultValue - As a user would write it. */
export function optional<T>(check: Check<T>): Check<T | undefined>;
export function optional<T>(check: Check<T>, defaultValue: unknown): Check<T>;
export function optional<T>(check: Check<T>, defaultValue?: unknown): Check<T | undefined> {
  const whenGiven: Check<T | undefined> = (given = defaultValue, issues, path) => (given === undefined ? undefined : check(given, issues, path));
  if (__DEV__) whenGiven.about = { ...check.about, defaultValue };
  return whenGiven;
}

/** A check that depends on the input. */
export function choice<T>(choose: (given: unknown) => Check<T>): Check<T> {
  const chosen: Check<T> = (given, issues, path) => choose(given)(given, issues, path);
  if (__DEV__) chosen.about = { choose };
  return chosen;
}

/** Makes something of an input that is right. */
export function mapped<T, U>(check: Check<T>, map: (output: T) => U): Check<U> {
  const mapping: Check<U> = (given, issues, path) => {
    const before = issues.length;
    const output = check(given, issues, path);
    return issues.length > before ? (output as never) : map(output);
  };
  if (__DEV__) mapping.about = check.about;
  return mapping;
}

export function list<T>(each: Check<T>, allowed: Allowed): Check<T[]> {
  return (given, issues, path) =>
    Array.isArray(given) ? given.map((one, index) => each(one, issues, below(path, String(index)))) : refuse(issues, path, given, allowed);
}

/** Whether something can hold named options: a list, a `Map` or a `Date` would be taken for an object without any. */
export function isRecord(input: unknown): input is Record<string, unknown> {
  return Object.prototype.toString.call(input) === '[object Object]';
}

/**
 * An object of which the entries are read, and nothing else: a message of another process, say.
 *
 * @param isStrict - Whether other entries are refused.
 */
export function fields<E extends Entries>(entries: E, allowed: Allowed, isStrict = false): Check<Options<E>> {
  const check: Check<Options<E>> = (given, issues, path) => {
    if (!isRecord(given)) return refuse(issues, path, given, allowed);
    const names = Object.keys(given);
    // Those of a prototype, such as the getters of a class: a copy of the object would not have them.
    const uncopied = Object.keys(entries).filter((name) => isStrict && name in given && !names.includes(name));
    if (uncopied.length > 0) {
      return refuse(issues, path, given, __DEV__ && `must have its options itself, in a plain object; it inherits or hides ${uncopied.join(', ')}`);
    }
    const output: Record<string, unknown> = {};
    for (const name in entries) {
      const before = issues.length;
      const value: unknown = entries[name]!(given[name], issues, below(path, name));
      if (value !== undefined) output[name] = value;
      if (__DEV__ && given[name] === undefined && issues.length > before) issues[before] = { ...issues[before]!, message: 'is required' };
    }
    for (const name of names) {
      if (isStrict && !Object.hasOwn(entries, name)) refuse(issues, below(path, name), given[name], __DEV__ && unknownOption(name, Object.keys(entries)));
    }
    return output as Options<E>;
  };
  if (__DEV__) check.about = { entries, allowed };
  return check;
}

/**
 * An object of named options, which refuses unknown names and suggests the ones that were meant.
 *
 * @param instead - What may be given in place of the object, for the message.
 */
export function options<E extends Entries>(entries: E, instead?: string | false): Check<Options<E>> {
  return fields(entries, __DEV__ && `must be ${instead ? `${instead}, or ` : ''}an object of options`, true);
}

/** Blames an option, by its name or a path such as `adaptive.minLimit`, for what it breaks. */
export type Blame = (option: string, message: string | false) => void;

/**
 * Rules between the options of one object. They see what was given also where single options are wrong already, so that
 * all problems are told at once, but an option that is wrong by itself is not blamed again.
 *
 * @param rule - Gets the options with their defaults, and the object as it was given.
 */
export function constrained<T>(check: Check<T>, rule: (options: Partial<T>, blame: Blame, given: unknown) => void): Check<T> {
  const constrainedCheck: Check<T> = (given, issues, path) => {
    const output = check(given, issues, path);
    if (!isRecord(output)) return output;
    const blamed = issues.map((issue) => issue.path);
    rule(output, (option, message) => {
      const at = below(path, option);
      // '1s' is 1000 in the output. Not given is a default, and what was given in short.
      const received = valueAt(given, option) ?? valueAt(output, option);
      if (!blamed.includes(at)) refuse(issues, at, received, message);
    }, given);
    return output;
  };
  if (__DEV__) constrainedCheck.about = check.about;
  return constrainedCheck;
}

function valueAt(value: unknown, path: string): unknown {
  return path.split('.').reduce(propertyOf, value);
}

const below = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);
