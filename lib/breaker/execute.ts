import { ambientCall, Call, newCallRecord, type Args } from '../core/call';
import { underSignals, unlessAborted } from '../core/call-signals';
import { optional, options as optionsOf, problems, when } from '../core/check';
import { ConfigurationError } from '../core/errors';
import { hintAtNoFunction } from '../core/safe-inspect';
import { isSignal } from '../core/options';
import type { Guard } from '../core/policy';
import { compose, promises, rejected } from '../core/run';
import { callSync, guardSync } from '../core/sync';
import type { Breaker } from './breaker';

export interface ExecuteOptions {
  signal?: AbortSignal | undefined;
}

const NO_ARGUMENTS: Args = [];

export const NO_OPTIONS: ExecuteOptions = {};

const signalOptions = /* @__PURE__ */ optionsOf({
  signal: optional(when<AbortSignal>(isSignal, __DEV__ && 'must be an AbortSignal (with addEventListener, removeEventListener)')),
});

/** Runs a function through a breaker alone. */
export function executeThrough(breaker: Breaker, fn: () => unknown, options: ExecuteOptions): Promise<unknown> {
  try {
    checkExecution('execute', breaker.name, fn, options);
    const call = callOf(breaker);
    const { signal } = options;
    const guards: Guard[] = [breaker];
    if ((signal ?? call.cancellation) !== undefined) guards.unshift(unlessAborted);
    if (signal !== undefined) guards.unshift(underSignals([signal], true));
    return compose(promises, guards, promises.call(fn)).run(call, undefined, NO_ARGUMENTS);
  } catch (error) {
    return rejected(error);
  }
}

/** Runs a synchronous function through a breaker alone. */
export function executeSyncThrough<T>(breaker: Breaker, fn: () => T): T {
  checkExecution('executeSync', breaker.name, fn, NO_OPTIONS);
  const call = callOf(breaker);
  if (call.cancellation?.aborted === true) throw call.cancellation.reason;
  return guardSync(breaker, callSync(fn)).run(call, undefined, NO_ARGUMENTS) as T;
}

function callOf({ name, isWatched }: Breaker): Call {
  return new Call(name, isWatched ? newCallRecord() : undefined, undefined).within(ambientCall());
}

/** Refuses what cannot run, before it counts: it says nothing about the dependency. @throws {@link ConfigurationError} */
export function checkExecution(method: string, name: string, fn: unknown, options: unknown): void {
  const issues = options === NO_OPTIONS ? [] : problems(signalOptions, options);
  if (typeof fn !== 'function') issues.unshift({ path: '', message: __DEV__ ? `must be given a function to run${hintAtNoFunction(fn)}` : 'invalid', received: fn });
  if (issues.length > 0) throw new ConfigurationError(`${method} of ${name}`, issues, name);
}
