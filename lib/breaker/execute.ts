import { rejected } from '../core/rejection';
import { ambientCall, Call, newWatch, type Args } from '../core/call';
import { CancellationSource, SignalCancellation, type Cancellation } from '../core/cancellation';
import { ConfigurationError } from '../core/errors';
import { hintAtNoFunction } from '../core/no-function';
import { optional, options as optionsOf, problems } from '../core/check';
import { having } from '../core/options';
import { promises } from '../core/run';
import { callSync, guardSync } from '../core/sync';
import type { Breaker } from './breaker';
import { whenReady, type ReadyOptions } from './ready';

export interface ExecuteOptions {
  signal?: AbortSignal | undefined;
}

const NO_ARGUMENTS: Args = [];

export const NO_OPTIONS: ExecuteOptions = {};

const executionSchema = /* @__PURE__ */ optionsOf({
  signal: optional(having<AbortSignal>(__DEV__ && 'an AbortSignal', 'addEventListener', 'removeEventListener')),
});

/** Runs a function through a breaker alone. */
export function executeThrough<T>(breaker: Breaker, fn: () => T | PromiseLike<T>, options: ExecuteOptions): Promise<Awaited<T>> {
  try {
    checkExecution('execute', breaker.name, fn, options);
    const { signal } = options;
    if (signal === undefined) return run(breaker, fn, callOf(breaker));
    const own = SignalCancellation.of(signal);
    if (own.aborted) return rejected(own.reason) as Promise<Awaited<T>>;
    const call = callOf(breaker);
    const { cancellation: around } = call;
    return around === undefined || around === own ? run(breaker, fn, call.as(1, own)) : runUnder(breaker, fn, call, own, around);
  } catch (error) {
    return rejected(error) as Promise<Awaited<T>>;
  }
}

/** Runs a synchronous function through a breaker alone. */
export function executeSyncThrough<T>(breaker: Breaker, fn: () => T): T {
  checkExecution('executeSync', breaker.name, fn, NO_OPTIONS);
  return guardSync(breaker, callSync(fn)).run(callOf(breaker), undefined, NO_ARGUMENTS) as T;
}

/** {@link whenReady}, with its options checked. */
export function readyOf(breaker: Breaker, options: ReadyOptions): Promise<void> {
  const issues = options === NO_OPTIONS || isSignalAlone(options) ? [] : problems(executionSchema, options);
  return issues.length > 0 ? (rejected(new ConfigurationError(`ready of ${breaker.name}`, issues, breaker.name)) as Promise<never>) : whenReady(breaker, options);
}

function run<T>(breaker: Breaker, fn: () => T | PromiseLike<T>, call: Call): Promise<Awaited<T>> {
  return promises.guard(breaker, promises.call(fn)).run(call, undefined, NO_ARGUMENTS) as Promise<Awaited<T>>;
}

/** Either of them ends the call. */
async function runUnder<T>(breaker: Breaker, fn: () => T | PromiseLike<T>, call: Call, ...cancellations: Cancellation[]): Promise<Awaited<T>> {
  const either = new CancellationSource(...cancellations);
  try {
    return await run(breaker, fn, call.as(1, either));
  } finally {
    either.release();
  }
}

function callOf({ name, isWatched }: Breaker): Call {
  return new Call(name, isWatched ? newWatch() : undefined, undefined).within(ambientCall());
}

/** Refuses what cannot run, before it counts: it says nothing about the dependency. @throws {@link ConfigurationError} */
function checkExecution(method: string, name: string, fn: unknown, options: unknown): void {
  if (typeof fn === 'function' && (options === NO_OPTIONS || isSignalAlone(options))) return;
  const issues = problems(executionSchema, options);
  if (typeof fn !== 'function') issues.unshift({ path: '', message: __DEV__ ? `must be given a function to run${hintAtNoFunction(fn)}` : 'invalid', received: fn });
  if (issues.length > 0) throw new ConfigurationError(`${method} of ${name}`, issues, name);
}

/** What is nearly always given, checked cheaply: the schema costs more than the call. */
function isSignalAlone(options: unknown): boolean {
  const { signal } = (options ?? NO_OPTIONS) as { signal?: unknown };
  return signal instanceof AbortSignal && Object.keys(options as object).length === 1;
}
