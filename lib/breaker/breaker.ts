import * as v from 'valibot';
import { ambientCall, Call, newWatch } from '../core/call';
import { CancellationSource, SignalCancellation, type Cancellation } from '../core/cancellation';
import { ConfigurationError } from '../core/errors';
import { hintAtNoFunction } from '../core/no-function';
import { copyOptions, having, options as optionsOf, problems } from '../core/options';
import { propertyOf } from '../core/thrown';
import { FunctionRunner, rejected, type Args } from '../core/runner';
import type { BreakerEvents, BreakerState, OverrideKind } from './events';
import { guard, guardSync } from './guard';
import { Machine } from './machine';
import { breakerSettings, checkBreakerOptions, type BreakerOptions } from './options';
import type { Permit } from './admission';
import { statsJson, statsOf, type BreakerStats } from './stats';

const NO_ARGUMENTS: Args = [];
const NO_OPTIONS: { signal?: AbortSignal | undefined } = {};

const executionSchema = optionsOf({
  signal: v.optional(having<AbortSignal>('an AbortSignal', 'addEventListener', 'removeEventListener')),
});

/** Under a symbol and not private: a breaker may be of another copy of the package, whose class is not ours. */
const MACHINE: unique symbol = Symbol.for('breaker-box.machine') as never;

/**
 * The circuit breaker of one operation.
 *
 * It opens after `failureThreshold` consecutive failures (or when a `window`'s rate is reached), rejects calls for
 * `recoveryTimeout`, then lets probes decide whether it closes. It holds no timer: an idle breaker costs nothing.
 */
export class Breaker {
  /** @internal */
  declare readonly [MACHINE]: Machine;

  /**
   * A breaker by itself, which no registry knows.
   *
   * @throws {@link ConfigurationError} that names every wrong option.
   */
  constructor(options?: BreakerOptions);
  /** @internal */
  constructor(options: undefined, machine: Machine);
  constructor(options: BreakerOptions = {}, machine = standalone(options)) {
    // Not enumerable: no copy and no logger comes upon the last failure, which may hold credentials, by walking the breaker.
    Object.defineProperty(this, MACHINE, { value: machine });
  }

  /** The operation's name; `anonymous` when none was given. */
  get name(): string {
    return this[MACHINE].operation;
  }

  /** Which of a keyed operation's breakers it is. */
  get key(): string | undefined {
    return this[MACHINE].key;
  }

  /** What a caller meets now. A pure read: `half_open` as soon as `recoveryTimeout` has passed. */
  get state(): BreakerState {
    return this[MACHINE].state();
  }

  /** Consecutive failures: of the closed period, or those that opened the circuit and the failed probes since. */
  get failureCount(): number {
    return this[MACHINE].failureCount;
  }

  /** Milliseconds until the next probe; 0 when not open; forced open: until its end, or `Infinity`. */
  get retryAfter(): number {
    return this[MACHINE].retryAfter();
  }

  /** What an operator laid over it. */
  get override(): OverrideKind | undefined {
    return this[MACHINE].activeOverride()?.kind;
  }

  get stats(): BreakerStats {
    return statsOf(this[MACHINE]);
  }

  /**
   * Runs `fn` if the circuit admits it. A running `fn` is never interrupted.
   *
   * @param options - `signal`: an abort of it counts for nothing, and rejects with its reason. An abort of the call around does as well.
   * @returns `fn`'s result; rejects with {@link CircuitOpenError} without running it, with `fn`'s own error, or with
   *   {@link ConfigurationError} when it was given no function, or wrong options.
   */
  execute<T>(fn: () => T | PromiseLike<T>, options: { signal?: AbortSignal | undefined } = NO_OPTIONS): Promise<Awaited<T>> {
    try {
      checkExecution('execute', this.name, fn, options);
      const { signal } = options;
      if (signal === undefined) return this.#execute(fn, this.#call());
      const own = SignalCancellation.of(signal);
      if (own.aborted) return rejected(own.reason) as Promise<Awaited<T>>;
      const call = this.#call();
      const { cancellation: around } = call;
      return around === undefined || around === own ? this.#execute(fn, call.as(1, own)) : this.#executeUnder(fn, call, own, around);
    } catch (error) {
      return rejected(error) as Promise<Awaited<T>>;
    }
  }

  /**
   * Runs a synchronous `fn` if the circuit admits it.
   *
   * @throws {@link CircuitOpenError} without running it, `fn`'s own error, or {@link ConfigurationError} when it was given no function.
   */
  executeSync<T>(fn: () => T): T {
    checkExecution('executeSync', this.name, fn, NO_OPTIONS);
    const call = this.#call();
    return guardSync(this[MACHINE], fn, call, undefined, NO_ARGUMENTS) as T;
  }

  /** Takes a permit for one attempt, to be settled by the caller. @throws {@link CircuitOpenError} */
  acquire(): Permit {
    const permit = this[MACHINE].permit();
    if (permit === undefined) throw this[MACHINE].reject();
    return permit;
  }

  /** Takes a permit for one attempt; undefined (and counted as rejected) when the circuit does not admit it. */
  tryAcquire(): Permit | undefined {
    const permit = this[MACHINE].permit();
    if (permit === undefined) this[MACHINE].reject();
    return permit;
  }

  /** Opens the circuit now; it recovers as usual. Does nothing when it is open. */
  trip(reason?: string): void {
    const machine = this[MACHINE];
    if (machine.machineState() === 'open') return;
    machine.halfOpen();
    // A listener may have tripped it meanwhile.
    if (machine.machineState() !== 'open') machine.open('trip', false, reason);
  }

  /** Closes the circuit and clears counts and statistics. Attempts in flight become late; overrides stay. */
  reset(): void {
    this[MACHINE].reset();
  }

  /**
   * An attempt that was under way before anybody listened to attempts was not timed: it is counted, and may emit nothing.
   *
   * @returns A function that removes the listener. A throw of the listener is contained.
   */
  on<E extends keyof BreakerEvents>(event: E, listener: (event: BreakerEvents[E]) => unknown): () => void {
    return this[MACHINE].on(event, listener);
  }

  #execute<T>(fn: () => T | PromiseLike<T>, call: Call): Promise<Awaited<T>> {
    return guard(this[MACHINE], new FunctionRunner(fn), call, undefined, NO_ARGUMENTS) as Promise<Awaited<T>>;
  }

  /** Either of them ends the call. */
  async #executeUnder<T>(fn: () => T | PromiseLike<T>, call: Call, ...cancellations: Cancellation[]): Promise<Awaited<T>> {
    const either = new CancellationSource(...cancellations);
    try {
      return await this.#execute(fn, call.as(1, either));
    } finally {
      either.release();
    }
  }

  #call(): Call {
    return new Call(this.name, this[MACHINE].isWatched ? newWatch() : undefined, undefined).within(ambientCall());
  }
}

Object.defineProperty(Breaker.prototype, Symbol.for('nodejs.util.inspect.custom'), { value: inspected });

type Inspect = (value: object, options: object) => string;

/** What `console.log` and `%o` print in Node, Deno and Bun. With `showHidden`, they would show the machine and its last failure. */
function inspected(this: Breaker, depth: number, options: object, inspect: Inspect): string {
  const { name, key, state, stats } = this;
  return `Breaker ${inspect({ name, ...(key !== undefined && { key }), state, stats: statsJson(stats) }, { ...options, depth })}`;
}

/** A breaker's state machine, for the layers that run calls through it. */
export function machineOf(breaker: Breaker): Machine {
  return breaker[MACHINE];
}

/** Whether a value is a breaker, of this copy of the package or of another. */
export function isBreaker(value: unknown): value is Breaker {
  return propertyOf(value, MACHINE) !== undefined;
}

function standalone(options: BreakerOptions): Machine {
  const subject = 'new Breaker';
  checkBreakerOptions(options, subject);
  const manyFor = options.key !== undefined ? 'key' : options.scope === 'instance' ? 'scope' : undefined;
  if (manyFor !== undefined) {
    const message = 'a single breaker serves all calls: protect a function or method to have several';
    throw new ConfigurationError(subject, [{ path: manyFor, message, received: options[manyFor] }]);
  }
  return new Machine(options.name ?? 'anonymous', undefined, breakerSettings([copyOptions(options)], subject), undefined);
}

/** Refuses what cannot run, before it counts: it tells nothing about the dependency. @throws {@link ConfigurationError} */
function checkExecution(method: string, name: string, fn: unknown, options: unknown): void {
  if (typeof fn === 'function' && (options === NO_OPTIONS || isSignalAlone(options))) return;
  const issues = problems(executionSchema, options);
  if (typeof fn !== 'function') issues.unshift({ path: '', message: `must be given a function to run${hintAtNoFunction(fn)}`, received: fn });
  if (issues.length > 0) throw new ConfigurationError(`${method} of ${name}`, issues, name);
}

/** What is nearly always given, told cheaply: the schema costs more than the call. */
function isSignalAlone(options: unknown): boolean {
  const { signal } = (options ?? NO_OPTIONS) as { signal?: unknown };
  return signal instanceof AbortSignal && Object.keys(options as object).length === 1;
}
