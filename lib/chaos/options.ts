import { choice, constrained, isRecord, mapped, options, anything, optional, when, type Check, type Checked } from '../core/check';
import { type Duration, duration, commonOptions, flag, integer, ratio, type CommonOptions } from '../core/options';
import { isClass } from '../core/safe-inspect';
import type { AnswerFor, ArgsOf } from '../core/call';

/** How long runs are held up, in milliseconds. */
export interface Latency {
  readonly min: number;
  readonly max: number;
}

const range = /* @__PURE__ */ constrained(/* @__PURE__ */ options({ min: duration(), max: duration() }), ({ min, max }, blame) => {
  if ((max ?? Infinity) < (min ?? -Infinity)) blame('max', __DEV__ && `must not be below min (${min} ms)`);
});

const fixed = /* @__PURE__ */ mapped(duration(), (durationMs): Latency => ({ min: durationMs, max: durationMs }));

/** A duration is the range that has only this one. */
export const durationOrRange = /* @__PURE__ */ choice((given): Check<Latency> => (isRecord(given) ? range : fixed));

/** Whether `NODE_ENV` is `'production'`. Read each time, because programs also set it after their imports. */
export function isProduction(): boolean {
  const { process } = globalThis as { process?: { env?: { NODE_ENV?: string } } };
  return process?.env?.NODE_ENV === 'production';
}

/** A value that may replace the result of a function `F`: any value, where `F` is not known. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type ChaosResult<F = any> = F extends (...args: never[]) => infer R
  ? AnswerFor<R> | ((...args: ArgsOf<F>) => AnswerFor<R>)
  : // eslint-disable-next-line @typescript-eslint/no-explicit-any
    any;

/** Options of chaos: what is done to runs of a function, to how many of them, and when. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export interface ChaosOptions<F = any> extends CommonOptions {
  /** What a run fails with, in place of running: an error, or a function `() => error`. Not together with `result`. @defaultValue none */
  fault?: object | (() => unknown) | undefined;
  /** How long a run is held up first: a duration ≥ 0, or `{ min, max }` for one in between (`max` ≥ `min`), by chance. @defaultValue none */
  latency?: Duration | { min: Duration; max: Duration } | undefined;
  /** What a run gives, in place of running: a value, or a function of the call's arguments (with its `this`) that gives it, or a promise of it. A stream's is an async iterable. Not together with `fault`. @defaultValue none */
  result?: ChaosResult<F> | undefined;
  /** Share of runs that it is done to; 0–1. @defaultValue 1 */
  rate?: number | undefined;
  /** Makes chance repeatable: the same integer ≥ 0, the same runs. It takes the place of `random`. @defaultValue none */
  seed?: number | undefined;
  /** Whether anything is done: `true`, `false`, or a function that is asked before each run. One that throws counts as `false`. @defaultValue false */
  enabled?: boolean | (() => boolean) | undefined;
  /** Whether it may be enabled where `NODE_ENV` is `'production'`. Without it, `enabled: true` is refused there, and a function's `true` is passed over, with one warning. @defaultValue false */
  allowInProduction?: boolean | undefined;
}

/** The schema of {@link ChaosOptions}: ranges and defaults. */
export const chaosSchema = /* @__PURE__ */ constrained(
  options({
    ...commonOptions,
    fault: optional(
      when<object | (() => unknown)>(
        (input) => (typeof input === 'object' && input !== null) || (typeof input === 'function' && !isClass(input)),
        __DEV__ && 'must be an error, or a function () => error',
      ),
    ),
    latency: optional(durationOrRange),
    result: optional(anything()),
    rate: optional(ratio(), 1),
    seed: optional(integer(0)),
    enabled: optional(
      when<boolean | (() => boolean)>(
        (input) => typeof input === 'boolean' || (typeof input === 'function' && !isClass(input)),
        __DEV__ && 'must be true, false, or a function () => boolean',
      ),
      false,
    ),
    allowInProduction: optional(flag(), false),
  }),
  (given, blame) => {
    const { fault, latency, result, enabled, allowInProduction } = given;
    if (fault === undefined && latency === undefined && result === undefined) blame('fault', __DEV__ && 'at least one of fault, latency and result must be given');
    if (fault !== undefined && result !== undefined) blame('result', __DEV__ && 'fault and result exclude each other');
    if (enabled === true && allowInProduction !== true && isProduction()) {
      blame('enabled', __DEV__ && `NODE_ENV is 'production', where chaos must be allowed by allowInProduction`);
    }
  },
);

export type ResolvedChaosOptions = Checked<typeof chaosSchema>;
