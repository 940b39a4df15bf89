import type { Clock } from '../core/clock';
import { type Duration, oneOf, ratio } from '../core/options';
import { isClass } from '../core/safe-inspect';
import { anything, constrained, list, optional, options, resolve, when } from '../core/check';
import { seededRandom } from '../core/random';
import type { AnyFunction } from '../core/call';
import { Injector } from '../chaos/injector';
import { durationOrRange, type ResolvedChaosOptions } from '../chaos/options';

/** A fault that is injected into the attempts of an operation, in place of running its function or before that. */
export interface FaultOptions {
  /** What is done to the first attempt, the second and so on: `'fail'` for the fault, `'ok'` for nothing. After its end all attempts run. Not together with `rate`. @defaultValue none */
  sequence?: readonly ('fail' | 'ok')[] | undefined;
  /** Share of attempts that it is done to, by chance from the kit's seed; 0–1. @defaultValue 1 */
  rate?: number | undefined;
  /** How long an attempt is held up first: a duration ≥ 0, or `{ min, max }` for one in between. With a `latency` alone, the function runs after it. @defaultValue none */
  latency?: Duration | { min: Duration; max: Duration } | undefined;
  /** What an attempt fails with, in place of running: an error, or a function `() => error`. Not together with `result`. @defaultValue an `Error` that says so, unless `latency` or `result` is given without it */
  error?: object | (() => unknown) | undefined;
  /** What an attempt gives, in place of running: a value, or a function of the arguments that gives it; for none, `() => undefined`. @defaultValue none */
  result?: unknown;
}

const faultSchema = constrained(
  options({
    sequence: optional(list(oneOf('fail', 'ok'), `must be a list of 'fail' and 'ok'`)),
    rate: optional(ratio()),
    latency: optional(durationOrRange),
    error: optional(
      when<object>(
        (input) => (typeof input === 'object' && input !== null) || (typeof input === 'function' && !isClass(input)),
        'must be an error, or a function () => error',
      ),
    ),
    result: optional(anything()),
  }),
  ({ sequence, rate, error, result }, blame) => {
    if (sequence !== undefined && rate !== undefined) blame('rate', 'sequence and rate exclude each other');
    if (error !== undefined && result !== undefined) blame('result', 'error and result exclude each other');
  },
);

/** A fault of one operation: what decides about its attempts, and how chaos does it. */
export interface Fault {
  readonly injector: Injector;
  readonly chaos: ResolvedChaosOptions;
}

/**
 * @param seed - The seed of its randomness; each operation has its own.
 * @throws {@link ConfigurationError}
 */
export function toFault(given: FaultOptions, operation: string, seed: number, clock: Clock): Fault {
  const { sequence, rate = 1, latency, error, result } = resolve(faultSchema, given, `kit.fault('${operation}')`);
  const fails = error !== undefined || (latency === undefined && result === undefined) || (sequence !== undefined && result === undefined);
  const fault = fails ? (error ?? ((): Error => new Error(`'${operation}' was made to fail by the test kit`))) : undefined;
  const script = sequence?.map((step) => step === 'fail');
  return {
    injector: new Injector({ fault, latency, result, rate }, seededRandom(seed ^ hash(operation)), script),
    chaos: { result, clock, rate, enabled: true, allowInProduction: true },
  };
}

/** Does a fault to a synchronous function, which nothing can hold up. */
export function struck(fn: AnyFunction, { injector, chaos }: Fault): AnyFunction {
  return function (this: unknown, ...args: unknown[]) {
    const instead = injector.next()?.instead;
    if (instead === 'fault') throw injector.fault();
    if (instead === undefined) return fn.apply(this, args);
    return typeof chaos.result === 'function' ? (chaos.result as AnyFunction).apply(this, args) : chaos.result;
  };
}

/** FNV-1a, so that two operations with the same rate do not fail at the same attempts. */
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (let n = 0; n < text.length; n++) state = Math.imul(state ^ text.charCodeAt(n), 0x01000193);
  return state;
}
