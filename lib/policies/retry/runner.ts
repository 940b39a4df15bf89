import type { Call } from '../../core/call';
import { CancellationSource, SignalCancellation, type Cancellation } from '../../core/cancellation';
import { isCancelled } from '../../core/cancelled';
import { systemClock, type Clock } from '../../core/clock';
import { callContained } from '../../core/contained';
import { isFrom, isRejection } from '../../core/errors';
import type { PolicyEvent } from '../../core/events';
import { mayRepeat } from '../../core/idempotent';
import { toPredicate } from '../../core/matcher';
import { ask, CALLERS_ABORT, toBeJudged } from '../../core/outcome';
import type { PolicySink } from '../../core/policy';
import { passedOn } from '../../core/rejection';
import { reactedTo, rejected, type Args, type OnFailure, type OnSuccess, type Runner, type SecondChance } from '../../core/runner';
import { remainingMs } from '../../core/deadline';
import { pause } from '../../core/pause';
import { OpenStream } from '../../core/stream';
import { tell } from '../../core/tell';
import type { RetryBudget } from '../../budget/retry-budget';
import { Delays } from './delays';
import { FailedAttempts, type Failure } from './failed-attempts';
import type { RetryMemory } from './memory';
import { nesting, Retried } from './nesting';
import type { ResolvedRetryOptions, RetryNotice } from './options';

/** A retry is about to wait. */
export interface RetryEvent extends PolicyEvent<'retry'>, RetryNotice {}

export type RetryEvents = { retry: RetryEvent };

/** How long to wait at a time for a circuit that is open without end: somebody may close it at any moment. */
const LOOK_AGAIN_MS = 30_000;

/** One call that is being tried again. */
interface Retrying {
  readonly call: Call;
  readonly self: unknown;
  readonly args: Args;
  readonly cancellation: Cancellation | undefined;
  /** By the monotonic clock; 0 when no deadline asks. */
  readonly startedAtMs: number;
  /** How long it waited before its last retry. */
  previousMs?: number;
  /** What its last retry withdrew from the budget. */
  withdrawn?: number | undefined;
}

/**
 * Runs a call again while it fails and may be repeated. The first attempt costs a call that works nothing but a
 * closure; all the rest happens after a failure.
 */
export class RetryRunner implements SecondChance {
  readonly next: Runner;
  readonly #options: ResolvedRetryOptions;
  readonly #sink: PolicySink;
  readonly #clock: Clock;
  readonly #delays: Delays;
  readonly #memory: RetryMemory;
  readonly #budget: RetryBudget | undefined;
  readonly #handles: (error: unknown) => boolean;
  readonly #ignores: ((error: unknown) => boolean) | undefined;
  readonly #signal: Cancellation | undefined;
  /** Whether a first attempt that works needs nothing done. */
  readonly isPlain: boolean;

  constructor(options: ResolvedRetryOptions, next: Runner, sink: PolicySink, memory: RetryMemory) {
    const { handle, ignore, signal } = options;
    this.#options = options;
    this.next = next;
    this.#sink = sink;
    this.#clock = options.clock ?? systemClock;
    this.#delays = new Delays(options, memory.adaptive);
    this.#memory = memory;
    this.#budget = memory.budget;
    this.#handles = handle === undefined ? isRetriedByDefault : toPredicate(handle);
    this.#ignores = ignore && toPredicate(ignore);
    this.#signal = signal && SignalCancellation.of(signal);
    this.isPlain =
      options.handleResult === undefined &&
      options.maxElapsed === undefined &&
      this.#budget === undefined &&
      this.#signal === undefined &&
      !this.#delays.learns;
  }

  run(call: Call, self: unknown, args: Args, onSuccess?: OnSuccess, onFailure?: OnFailure): Promise<unknown> {
    if (this.isPlain && call.cancellation === undefined && !nesting.isWatched) {
      // What an outer retry counts are runs of this one.
      const first = call.attempt === 1 ? call : call.as(1, undefined);
      return this.next.run(first, self, args, onSuccess, (error) => this.again(error, first, self, args, onSuccess, onFailure));
    }
    const result = this.#runWatched(call, self, args);
    return reactedTo(result, onSuccess, onFailure);
  }

  again(error: unknown, call: Call, self: unknown, args: Args, onSuccess?: OnSuccess, onFailure?: OnFailure): unknown {
    // A rejection by the open circuit must cost as little with a retry as without.
    if (this.#isFinal(error, call)) return passedOn(error, onFailure);
    const result = this.#goOn({ call, self, args, cancellation: undefined, startedAtMs: 0 }, { error });
    return reactedTo(result, onSuccess, onFailure);
  }

  blockedForMs(self: unknown, args: Args): number {
    return this.next.blockedForMs(self, args);
  }

  /** As {@link run}, where more than the failures of the first attempt must be looked at. */
  async #runWatched(call: Call, self: unknown, args: Args): Promise<unknown> {
    const signal = this.#signal;
    const followed = signal === undefined ? undefined : new CancellationSource(signal, call.cancellation);
    const cancellation = followed ?? call.cancellation;
    if (cancellation?.aborted === true) return rejected(cancellation.reason);
    this.#budget?.deposit();
    const startedAtMs = this.#options.maxElapsed === undefined ? 0 : this.#clock.now();
    const retried = nesting.isWatched ? this.#retried(call, args) : undefined;
    const first = call.as(1, cancellation, call.limit, retried ?? call.retried);
    const retrying: Retrying = { call: first, self, args, cancellation, startedAtMs };
    const release = (): void => {
      followed?.release();
      retried?.end();
    };
    try {
      const failure = await this.#attempt(retrying, first);
      const value = this.#hasWorked(failure) ? this.#worked(retrying, failure.value) : await this.#goOn(retrying, failure);
      if (OpenStream.is(value)) value.whenOver(release);
      else release();
      return value;
    } catch (error) {
      release();
      throw error;
    }
  }

  /** What the calls inside this one are to know of its being retried. */
  #retried(call: Call, args: Args): Retried | undefined {
    return this.#attemptsOf(call) > 1 ? new Retried(() => mayRepeat(this.#options.idempotent, args)) : undefined;
  }

  /** How many attempts a call may have. */
  #attemptsOf(call: Call): number {
    return this.#options.nested === 'suppress' && call.isWithinRetry ? 1 : this.#options.maxAttempts;
  }

  /** Runs one attempt, to what it gave. */
  #attempt({ self, args }: Retrying, call: Call): Promise<Failure> {
    return this.next.run(
      call,
      self,
      args,
      (value) => {
        if (this.#delays.learns) this.#delays.record(!this.#refuses(value));
        return { value };
      },
      (error) => {
        if (this.#delays.learns && !isOfCaller(error, call)) this.#delays.record(false);
        return { error };
      },
    ) as Promise<Failure>;
  }

  /** What happens after the first attempt failed: waits and attempts, until one works or the call is given up. */
  async #goOn(retrying: Retrying, failed: Failure): Promise<unknown> {
    const { call, cancellation } = retrying;
    const attempts = new FailedAttempts({ operation: call.operation, memory: this.#memory });
    let failure = failed;
    let isShut = this.#isOwnCircuit(failure, call);
    if (!isShut) attempts.add(failure);
    for (;;) {
      if (cancellation?.aborted === true) throw cancellation.reason;
      const delayMs = isShut ? this.#waitForCircuitMs(retrying, 0) : this.#backOff(retrying, failure, attempts.count);
      if (delayMs === undefined) return attempts.giveUp(failure);
      await pause({ owner: this.#memory, operation: call.operation, delayMs, clock: this.#clock }, cancellation);
      // A blocked event loop may have made it a longer wait.
      if (!this.#fits(retrying, 0)) return attempts.giveUp(failure);
      attempts.begin();
      failure = await this.#attempt(retrying, call.as(attempts.count + 1, cancellation));
      if (this.#hasWorked(failure)) return this.#worked(retrying, failure.value);
      isShut = this.#isOwnCircuit(failure, call);
      // No attempt either: the call could not be told its breaker any more.
      if (isFrom(call.operation, failure.error, 'BREAKER_CONFIG')) return attempts.giveUp(failure);
      if (!isShut) attempts.add(failure);
    }
  }

  /** Tells of the wait before the next attempt. @returns How long it is; undefined when there is to be none. */
  #backOff(retrying: Retrying, failure: Failure, attempt: number): number | undefined {
    const delayMs = this.#delayMs(retrying, failure, attempt);
    if (delayMs === undefined) return undefined;
    retrying.previousMs = delayMs;
    this.#tell(retrying.call, attempt, delayMs, failure);
    return delayMs;
  }

  #delayMs(retrying: Retrying, failure: Failure, attempt: number): number | undefined {
    const { call, self, args, previousMs } = retrying;
    if (attempt >= this.#attemptsOf(call) || !this.#retries(failure) || !mayRepeat(this.#options.idempotent, args)) return undefined;
    const outcome = 'value' in failure ? failure.value : failure.error;
    const backoffMs = this.#delays.after(attempt, outcome, previousMs, call.operation);
    const isOpen = this.next.blockedForMs(self, args) > 0;
    const delayMs = isOpen ? this.#waitForCircuitMs(retrying, backoffMs) : backoffMs;
    if (delayMs === undefined || !this.#fits(retrying, delayMs)) return undefined;
    if (this.#budget === undefined) return delayMs;
    retrying.withdrawn = this.#budget.withdraw(failure.error);
    return retrying.withdrawn === undefined ? undefined : delayMs;
  }

  /** How long to wait for the circuit to recover; undefined when that is not wanted, or would take too long. */
  #waitForCircuitMs(retrying: Retrying, atLeastMs: number): number | undefined {
    const { waitForCircuit, baseDelay } = this.#options;
    if (!waitForCircuit) return undefined;
    const ownMs = Math.max(atLeastMs, baseDelay);
    const blockedMs = this.next.blockedForMs(retrying.self, retrying.args);
    if (!this.#fits(retrying, Math.max(ownMs, blockedMs))) return undefined;
    return Math.max(ownMs, blockedMs === Infinity ? LOOK_AGAIN_MS : blockedMs);
  }

  /** Whether a wait ends in time: by its own deadline, and by that of the calls around it. */
  #fits({ call, startedAtMs }: Retrying, delayMs: number): boolean {
    const { maxElapsed } = this.#options;
    const isInTime = maxElapsed === undefined || this.#clock.now() - startedAtMs + delayMs <= maxElapsed;
    return isInTime && delayMs <= remainingMs(call.limit);
  }

  #hasWorked(result: Failure): result is { readonly value: unknown } {
    return 'value' in result && !this.#refuses(result.value);
  }

  #worked({ withdrawn }: Retrying, value: unknown): unknown {
    this.#budget?.giveBack(withdrawn);
    return value;
  }

  #retries(failure: Failure): boolean {
    if ('value' in failure) return true;
    const { error } = failure;
    if (this.#ignores !== undefined && ask(this.#ignores, 'ignore', error, false)) return false;
    return ask(this.#handles, 'handle', error, true);
  }

  #refuses(value: unknown): boolean {
    const { handleResult } = this.#options;
    // A stream that has begun cannot be tried again.
    if (handleResult === undefined || OpenStream.is(value)) return false;
    return ask(handleResult as (value: unknown) => boolean, 'handleResult', value, false);
  }

  /** Whether the circuit was open at the first attempt, and is not waited for. */
  #isFinal(error: unknown, call: Call): boolean {
    return !this.#options.waitForCircuit && this.#isOwnCircuit({ error }, call);
  }

  /** Whether this operation's own circuit rejected the attempt. */
  #isOwnCircuit(failure: Failure, call: Call): boolean {
    return isFrom(call.operation, failure.error, 'BREAKER_OPEN');
  }

  #tell(call: Call, attempt: number, delay: number, failure: Failure): void {
    const { onRetry } = this.#options;
    const notice = { attempt, delay, error: undefined, ...failure, operation: call.operation };
    if (onRetry !== undefined) callContained('onRetry', onRetry, notice);
    tell<RetryEvent>(this.#sink, 'retry', this.#clock, call, notice);
  }
}

/** Whether the caller cancelled the attempt, which says nothing about the dependency. */
function isOfCaller(error: unknown, { operation, cancellation }: Call): boolean {
  return toBeJudged(error, operation, cancellation) === CALLERS_ABORT || isCancelled(error);
}

/** Cancellations, and rejections by any policy, are not worth another attempt. */
function isRetriedByDefault(error: unknown): boolean {
  return !isCancelled(error) && !isRejection(error);
}
