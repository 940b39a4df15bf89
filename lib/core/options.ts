import * as v from 'valibot';
import { unknownName } from './closest';
import type { Clock } from './clock';
import { toMs, type Duration } from './duration';
import { ConfigurationError, type ConfigurationIssue } from './errors';
import { FINDING_CODES, type FindingCode } from './finding-codes';
import { hintAtNoFunction } from './no-function';
import type { Random } from './random';

/** The building blocks of every policy's option schema. Messages say what is allowed. */

interface DurationBounds {
  /** The least allowed, in milliseconds. @defaultValue 0 */
  readonly min?: number;
  /** Whether `min` itself is refused. */
  readonly exclusive?: boolean;
  readonly infinity?: boolean;
}

/** A {@link Duration}, resolved to milliseconds. */
export function duration({ min = 0, exclusive = false, infinity = false }: DurationBounds = {}) {
  const range = `${exclusive ? '>' : '>='} ${min}${infinity ? ', or Infinity' : ''}`;
  return v.pipe(
    v.custom<Duration>((input) => {
      const durationMs = toMs(input);
      return (exclusive ? durationMs > min : durationMs >= min) && (infinity || durationMs !== Infinity);
    }, `must be a duration ${range}: milliseconds, or a string such as '250ms', '60s', '5m'`),
    v.transform((given: Duration) => toMs(given)),
  );
}

/** A whole number not below `min`, nor above `max`. */
export function integer(min: number, { max = Infinity, infinity = false } = {}) {
  const range = `>= ${min}${max === Infinity ? '' : ` and <= ${max}`}${infinity ? ', or Infinity' : ''}`;
  return v.custom<number>((input) => {
    const isWhole = Number.isInteger(input) || (infinity && input === Infinity);
    return isWhole && (input as number) >= min && (input as number) <= max;
  }, `must be an integer ${range}`);
}

/** A finite number not below `min`. */
export function atLeast(min: number) {
  return v.custom<number>((input) => Number.isFinite(input) && (input as number) >= min, `must be a number >= ${min}`);
}

/** A share, from 0 to 1. */
export function ratio({ exclusive = false } = {}) {
  return v.custom<number>(
    (input) => typeof input === 'number' && (exclusive ? input > 0 : input >= 0) && input <= 1,
    `must be a ratio ${exclusive ? '> 0' : '>= 0'} and <= 1`,
  );
}

/** A function, of a type that only the compiler can check. */
export function fn<F extends (...args: never[]) => unknown>() {
  return v.custom<F>((input) => typeof input === 'function', ({ input }) => `must be a function${hintAtNoFunction(input)}`);
}

export const text = () => v.custom<string>((input) => typeof input === 'string', 'must be a string');

export const flag = () => v.custom<boolean>((input) => typeof input === 'boolean', 'must be true or false');

/** One of some words. */
export function oneOf<const W extends readonly string[]>(...words: W) {
  return v.custom<W[number]>(
    (input) => words.includes(input as string),
    `must be ${words.map((word) => `'${word}'`).join(' or ')}`,
  );
}

/** An object with some methods: a port that the user implements. */
export function having<T extends object>(what: string, ...methods: (keyof T & string)[]) {
  return v.custom<T>(
    (input) =>
      input !== null &&
      (typeof input === 'object' || typeof input === 'function') &&
      methods.every((method) => typeof (input as Record<string, unknown>)[method] === 'function'),
    `must be ${what} (with ${methods.join(', ')})`,
  );
}

/** A user's clock. */
export function clock() {
  return v.pipe(
    having<Clock>('a clock', 'now', 'setTimeout', 'clearTimeout'),
    v.check(({ wallTime }) => wallTime === undefined || typeof wallTime === 'function', 'must be a clock whose wallTime is a function, or left out'),
  );
}

/**
 * An object of named options, which refuses unknown names and suggests the ones that were meant.
 *
 * @param otherwise - What may be given in place of the object, for the message.
 */
export function options<const E extends v.ObjectEntries>(
  entries: E,
  otherwise?: string,
): v.GenericSchema<v.InferInput<v.ObjectSchema<E, undefined>>, v.InferOutput<v.ObjectSchema<E, undefined>>> {
  const known = Object.keys(entries);
  const record = v.pipe(
    v.custom<v.InferInput<v.ObjectSchema<E, undefined>>>(isRecord, `must be ${otherwise === undefined ? '' : `${otherwise}, or `}an object of options`),
    // Names that valibot passes over in silence, for fear of prototype pollution.
    v.check((given) => !BUILT_IN.some((name) => Object.hasOwn(given, name)), `cannot have an option named ${BUILT_IN.join(', ')}`),
    // Options that valibot would read, and a copy would not have: those of a prototype, such as the getters of a class.
    v.check(
      (given) => uncopied(given, known).length === 0,
      ({ input }) => `must have its options itself, in a plain object; it inherits or hides ${uncopied(input, known).join(', ')}`,
    ),
  );
  // All that an object itself can lack by then is an option without a default.
  return constrained(v.pipe(record, v.looseObject(entries, 'is required')), (given, blame) => {
    for (const name of Object.keys(given)) {
      if (!known.includes(name)) blame(name, `unknown option; ${unknownName(name, known, 'options')}`);
    }
  });
}

function uncopied(given: object, known: readonly string[]): string[] {
  return known.filter((name) => name in given && !Object.prototype.propertyIsEnumerable.call(given, name));
}

const BUILT_IN = ['constructor', 'prototype', '__proto__'];

/** Whether something can hold named options: a list, a `Map` or a `Date` would be taken for an object without any. */
export function isRecord(input: unknown): input is Record<string, unknown> {
  return Object.prototype.toString.call(input) === '[object Object]';
}

/**
 * Rules between the options of one object. They see what was given also where single options are wrong already, so that
 * all problems are told at once, but an option that is wrong by itself is not blamed again. `blame` takes the name of the
 * option to blame, or its path.
 */
export function constrained<I, O>(
  schema: v.GenericSchema<I, O>,
  check: (given: Partial<O>, blame: (option: string | readonly string[], message: string) => void) => void,
): v.GenericSchema<I, O> {
  return v.pipe(
    schema,
    v.rawCheck<O>(({ dataset, addIssue }) => {
      const given: unknown = dataset.value;
      if (!isRecord(given)) return;
      const blamed = new Set(dataset.issues?.map(pathOf));
      check(given as Partial<O>, (option, message) => {
        const path = typeof option === 'string' ? [option] : option;
        let value: unknown = given;
        const items = path.map((key): v.ObjectPathItem => {
          const input = value as Record<string, unknown>;
          value = input[key];
          return { type: 'object', origin: 'value', input, key, value };
        });
        if (!blamed.has(path.join('.'))) addIssue({ message, input: value, path: items as [v.ObjectPathItem, ...v.ObjectPathItem[]] });
      });
    }),
  );
}

/** Marks a registry, also one of another copy of the package. */
export const REGISTRY: unique symbol = Symbol.for('breaker-box.is-registry') as never;

/** A `BreakerRegistry`, as the policies know it: something to hand on. */
export interface RegistryRef {
  readonly [REGISTRY]: true;
}

export function isRegistry(input: unknown): input is RegistryRef {
  return (input as Partial<RegistryRef> | null | undefined)?.[REGISTRY] === true;
}

/** What the options of every policy may say besides. */
export interface CommonOptions {
  /** Operation name. Policies of one stack must agree on it. @defaultValue `Class.method`, or the function's name */
  name?: string | undefined;
  /** Whether the function returns an async iterable. @defaultValue `true` for native async generators; down-levelled ones must say so */
  stream?: boolean | undefined;
  /** Where the operation and its breaker live. @defaultValue the ambient registry: the default one, unless `withRegistry` names another */
  registry?: RegistryRef | undefined;
  /** @defaultValue the registry's clock, or the system's */
  clock?: Clock | undefined;
  /** @defaultValue the registry's, or `Math.random` */
  random?: Random | undefined;
  /** Codes of warnings about the order of policies that are not to be given: what they tell of is meant. @defaultValue none */
  allow?: readonly FindingCode[] | undefined;
}

const isFindingCode = (input: unknown): input is FindingCode => FINDING_CODES.includes(input as FindingCode);

export const commonOptions = {
  name: v.optional(text()),
  stream: v.optional(flag()),
  registry: v.optional(v.custom<RegistryRef>(isRegistry, 'must be a BreakerRegistry')),
  clock: v.optional(clock()),
  random: v.optional(fn<Random>()),
  allow: v.optional(
    v.array(
      v.custom<FindingCode>(isFindingCode, ({ input }) => `no warning has this code; ${unknownName(String(input), FINDING_CODES, 'codes')}`),
      'must be a list of codes of warnings',
    ),
  ),
};

/** What is injected is the user's own object, which may keep state. */
const INJECTED = ['registry', 'clock', 'random'];

/** A copy that later changes of a user's object do not reach: options are values. */
export function copyOptions<T extends object>(given: T): T {
  const copy = (value: unknown): unknown => (Array.isArray(value) ? [...(value as unknown[])] : isPlain(value) ? { ...value } : value);
  const copies = Object.entries(given).map(([name, value]) => [name, INJECTED.includes(name) ? value : copy(value)]);
  return Object.fromEntries(copies) as T;
}

function isPlain(value: unknown): value is object {
  return isRecord(value) && Object.getPrototypeOf(value) === Object.prototype;
}

type AnySchema = v.BaseSchema<unknown, unknown, v.BaseIssue<unknown>>;

/**
 * The options an input stands for, with defaults filled in. The input itself is neither kept nor changed.
 *
 * @throws {@link ConfigurationError} that names every problem of the input.
 */
export function resolve<S extends AnySchema>(schema: S, input: unknown, subject: string): v.InferOutput<S> {
  const result = v.safeParse(schema, input);
  if (result.success) return result.output;
  throw new ConfigurationError(subject, issuesIn(input, result.issues));
}

/** Every problem of an input, none when it is right. */
export function problems(schema: AnySchema, input: unknown): ConfigurationIssue[] {
  const result = v.safeParse(schema, input);
  return result.success ? [] : issuesIn(input, result.issues);
}

function issuesIn(input: unknown, issues: readonly v.BaseIssue<unknown>[]): ConfigurationIssue[] {
  return issues.map((issue) => ({ path: pathOf(issue), message: issue.message, received: givenAt(input, issue) }));
}

/** What was given where an issue is. A rule between options sees them resolved: '1s' is 1000 by then. */
function givenAt(input: unknown, issue: v.BaseIssue<unknown>): unknown {
  let given = input;
  for (const { key } of issue.path ?? []) {
    const holder = Object(given) as Record<PropertyKey, unknown>;
    if (!Object.hasOwn(holder, key as PropertyKey)) return issue.input; // a default, or given in short
    given = holder[key as PropertyKey];
  }
  return given;
}

function pathOf(issue: v.BaseIssue<unknown>): string {
  return v.getDotPath(issue) ?? '';
}
