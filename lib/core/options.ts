import { anything, list, mapped, optional, when, type Check } from './check';
import type { Clock } from './clock';
import { FINDING_CODES, type FindingCode } from './lint-rule';
import type { Random } from './random';
import { hintAtNoFunction, propertyOf } from './safe-inspect';
import { sharedKey } from './shared';
import { unknownName } from './unknown-option';

export { isRecord, problems, resolve } from './check';

/** The building blocks of every policy's options. Messages say what is allowed. */

interface DurationBounds {
  /** The least allowed, in milliseconds. @defaultValue 0 */
  readonly min?: number;
  /** Whether 0 is refused. */
  readonly exclusive?: boolean;
  readonly infinity?: boolean;
}

/** The least number above 0. */
const ABOVE_ZERO = Number.MIN_VALUE;

/** Whether a value is a number from `min` to `max`. */
function within(min: number, max = Infinity, infinity = false): (value: unknown) => boolean {
  return (value) => typeof value === 'number' && value >= min && value <= max && (infinity || value !== Infinity);
}

/** A {@link Duration}, resolved to milliseconds. */
export function duration({ min = 0, exclusive = false, infinity = false }: DurationBounds = {}): Check<number> {
  const isRight = within(exclusive ? ABOVE_ZERO : min, Infinity, infinity);
  const allowed =
    __DEV__ &&
    `must be a duration ${exclusive ? '>' : '>='} ${min}${infinity ? ', or Infinity' : ''}: milliseconds, or a string such as '250ms', '60s', '5m'`;
  return mapped(when<Duration>((given) => isRight(toMs(given)), allowed), toMs);
}

/** A whole number not below `min`, nor above `max`. */
export function integer(min: number, { max = Infinity, infinity = false } = {}): Check<number> {
  const isRight = within(min, max, infinity);
  return when(
    (given) => (Number.isInteger(given) || given === Infinity) && isRight(given),
    __DEV__ && `must be an integer >= ${min}${max === Infinity ? '' : ` and <= ${max}`}${infinity ? ', or Infinity' : ''}`,
  );
}

/** A finite number not below `min`. */
export function atLeast(min: number): Check<number> {
  return when(within(min), __DEV__ && `must be a number >= ${min}`);
}

/** A share, from 0 to 1. */
export function ratio({ exclusive = false } = {}): Check<number> {
  return when(within(exclusive ? ABOVE_ZERO : 0, 1), __DEV__ && `must be a ratio ${exclusive ? '> 0' : '>= 0'} and <= 1`);
}

/** A function, of a type that only the compiler can check. */
export function fn<F extends (...args: never[]) => unknown>(): Check<F> {
  return when((given) => typeof given === 'function', __DEV__ && ((given) => `must be a function${hintAtNoFunction(given)}`));
}

export const text = (): Check<string> => when((given) => typeof given === 'string', __DEV__ && 'must be a string');

export const flag = (): Check<boolean> => when((given) => typeof given === 'boolean', __DEV__ && 'must be true or false');

/** One of some words. */
export function oneOf<const W extends readonly string[]>(...words: W): Check<W[number]> {
  return when((given) => words.includes(given as string), __DEV__ && `must be ${words.map((word) => `'${word}'`).join(' or ')}`);
}

export function hasMethods(given: unknown, methods: readonly string[]): boolean {
  return methods.every((method) => typeof propertyOf(given, method) === 'function');
}

/** An object with some methods: a port that the user implements. */
export function having<T extends object>(what: string | false, ...methods: (keyof T & string)[]): Check<T> {
  return when((given) => hasMethods(given, methods), __DEV__ && `must be ${what} (with ${methods.join(', ')})`);
}

const CLOCK = ['now', 'setTimeout', 'clearTimeout'];

/** A user's clock. */
export function clock(): Check<Clock> {
  return when(
    (given) => hasMethods(given, CLOCK) && (propertyOf(given, 'wallTime') === undefined || hasMethods(given, ['wallTime'])),
    __DEV__ && ((given) => `must be a clock ${hasMethods(given, CLOCK) ? 'whose wallTime is a function, or left out' : `(with ${CLOCK.join(', ')})`}`),
  );
}

/** Marks a registry, also one of another copy of the package with the same protocol. */
export const REGISTRY: unique symbol = /* @__PURE__ */ sharedKey('is-registry') as never;

/** A `BreakerRegistry`, as the policies know it: something to hand on. */
export interface RegistryRef {
  readonly [REGISTRY]: true;
}

export function isRegistry(input: unknown): input is RegistryRef {
  return propertyOf(input, REGISTRY) === true;
}

/** A signal of all calls, or the one of each by its arguments. */
// The arguments are those of the protected function.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type SignalOption = AbortSignal | ((this: any, ...args: any[]) => AbortSignal | undefined);

/** By its shape: it may be of a polyfill, or of another realm. */
export function isSignal(input: unknown): input is AbortSignal {
  return hasMethods(input, ['addEventListener', 'removeEventListener']);
}

/** Options that every policy takes. */
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
  /** What ends a call: its waits, its place in a queue, its retries, and the signal of its attempt; it rejects with the reason. An `AbortSignal` for all calls, or `(...args) => signal` for each. @defaultValue the signal of the call around */
  signal?: SignalOption | undefined;
  /** Codes of warnings about the order of policies that are not to be given: what they tell of is meant. @defaultValue none */
  allow?: readonly FindingCode[] | undefined;
}

const findingCode = /* @__PURE__ */ when<FindingCode>(
  (given) => FINDING_CODES.includes(given as FindingCode),
  __DEV__ && ((given) => `no warning has this code; ${unknownName(String(given), FINDING_CODES, 'codes')}`),
);

export const commonOptions = {
  name: optional(text()),
  stream: optional(flag()),
  registry: optional(when<RegistryRef>(isRegistry, __DEV__ && 'must be a BreakerRegistry')),
  clock: optional(clock()),
  random: optional(fn<Random>()),
  signal: optional(when<SignalOption>((input) => typeof input === 'function' || isSignal(input), __DEV__ && 'must be an AbortSignal, or a function (...args) => signal')),
  // A production build has no lint: whatever is allowed.
  allow: optional(__DEV__ ? list(findingCode, 'must be a list of codes of warnings') : (anything() as Check<FindingCode[]>)),
};

/** Options that say where a site is, what its function gives and what its policies may be, not how the breaker behaves. */
export const OF_THE_SITE: readonly string[] = ['name', 'registry', 'stream', 'signal', 'allow'];

/** Injected objects are the user's own, which may keep state. */
const INJECTED = ['registry', 'clock', 'random'];

/** A copy that later changes of a user's object do not reach: options are values. */
export function copyOptions<T extends object>(given: T): T {
  const copy = (value: unknown): unknown => (Array.isArray(value) ? [...(value as unknown[])] : prototypeOf(value) === Object.prototype ? { ...(value as object) } : value);
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, INJECTED.includes(name) ? value : copy(value)])) as T;
}

/**
 * Whether two sites' resolved options agree: equal values, and functions that are identical. Only plain objects and lists are values; a clock
 * is itself.
 *
 * @param bySource - Whether functions of the same source text agree too: those of one site that was evaluated twice do.
 */
export function sameOptions(one: unknown, other: unknown, bySource = false): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one === 'function' && typeof other === 'function') return bySource && sourceOf(one) === sourceOf(other);
  const prototype = prototypeOf(one);
  if ((prototype !== Object.prototype && prototype !== Array.prototype) || prototype !== prototypeOf(other)) return false;
  return Object.keys({ ...(one as object), ...(other as object) }).every((name) => sameOptions(propertyOf(one, name), propertyOf(other, name), bySource));
}

function prototypeOf(value: unknown): unknown {
  return Object.getPrototypeOf(value ?? 0);
}

/** The source text of a function, whatever `toString` it has of its own; what is built in or bound has none to compare. */
export function sourceOf(fn: object): string | symbol {
  const source = Function.prototype.toString.call(fn);
  return source.endsWith('{ [native code] }') ? Symbol('native') : source;
}

/** A length of time: a number of milliseconds, or a string with a unit such as `'250ms'`, `'60s'`, `'5m'`, `'1.5h'`, `'1d'`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Short enough that the number cannot overflow to infinity. */
const WITH_UNIT = /^(?=.{1,100}$)(-?\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/** Milliseconds of a duration; `NaN` for anything that is none. */
export function toMs(duration: unknown): number {
  if (typeof duration === 'number') return duration;
  const [, amount, unit] = (typeof duration === 'string' && WITH_UNIT.exec(duration)) || [];
  return Number(amount) * UNITS_MS[unit!]!;
}

/** A duration for people: `450 ms`, `12 s`, `3 min`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 1000) return `${Math.ceil(durationMs)} ms`;
  if (durationMs < 120_000) return `${Math.ceil(durationMs / 1000)} s`;
  if (durationMs < 7_200_000) return `${Math.ceil(durationMs / 60_000)} min`;
  return `${Math.ceil(durationMs / 3_600_000)} h`;
}
