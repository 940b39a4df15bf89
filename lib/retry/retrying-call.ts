import { enableCallContext, type Args, type Call, type RetriedCall, remainingMs } from '../core/call';
import { isCancelled } from '../core/cancelled';
import { callSafely } from '../core/call-safely';
import { dispose } from '../core/dispose';
import { codeFrom } from '../core/errors';
import { type PolicyEvent, emitPolicyEvent } from '../core/observers';
import { mayRepeat, ask, CALLERS_ABORT, errorToClassify } from '../core/outcome';
import { pause, settlesWithin } from '../core/timer';
import type { Guard } from '../core/policy';
import { rejected } from '../core/run';
import { OpenStream, whenOver } from '../core/stream';
import { propertyOf } from '../core/safe-inspect';
import { reportThrow } from '../core/warn';
import { Amplification } from './amplification';
import { addEarlier, noteAttempts } from './attempts';
import { askedMs, computedDelay, delayAfter, drawWait, type Delay } from './delays';
import type { RetryNotice } from './options';
import type { Retry } from './retry';

/** A retry is about to wait. */
export interface RetryEvent extends PolicyEvent<'retry'>, RetryNotice {}

export type RetryEvents = { retry: RetryEvent };

/** What an attempt came to: an error, or a value, which `handleResult` may refuse. */
type Result = { readonly error: unknown } | { readonly error?: undefined; readonly value: unknown };

/** How long to wait at a time for a circuit that is open without end: somebody may close it at any moment. */
const LOOK_AGAIN_MS = 30_000;

/** Whether some retry asks if another one is around it. Until then, no first attempt is marked as retried. */
export const nesting = { isWatched: false };

/** From the next call on, retried calls are known as such to the calls made inside them, across awaits. */
export function watchNesting(): void {
  nesting.isWatched = true;
  enableCallContext();
}

/** A call under a retry. Work that it leaves behind in the background may outlive it, and is then retried by nobody. */
export class RetryingCall implements RetriedCall {
  readonly #retry: Retry;
  readonly #call: Call;
  readonly #self: unknown;
  readonly #args: Args;
  readonly #amplification: Amplification | undefined;
  /** By the monotonic clock. */
  #startedAtMs = 0;
  /** Whether the calls inside it know that it may be tried again. */
  #isMarked = false;
  /** Attempts that failed. One that the open circuit rejected was none. */
  #count = 0;
  /** What the last of them failed with, which an open circuit must not hide. */
  #failure: Result | undefined;
  readonly #earlier: unknown[] = [];
  /** What an attempt gave, until the function runs again: when the circuit lets no other attempt through, it is what the call gives. */
  #leftover: Result | undefined;
  /** How long it waited before its last retry. */
  #previousMs: number | undefined;
  /** How often in a row it found the circuit taken by others' probes, and how long it waited the last time. */
  #timesTaken = 0;
  #takenMs: number | undefined;
  /** What its last retry withdrew from the budget. */
  #withdrawn: number | undefined;

  constructor(retry: Retry, call: Call, self: unknown, args: Args) {
    this.#retry = retry;
    this.#call = call;
    this.#self = self;
    this.#args = args;
    if (__DEV__) this.#amplification = new Amplification(call.operation, retry.options, retry.budget);
  }

  /** All attempts of a call where more than the failures of the first one must be looked at. */
  async run(): Promise<unknown> {
    const { cancellation, limit, retried } = this.#call;
    if (cancellation?.aborted === true) return rejected(cancellation.reason);
    this.#retry.budget?.deposit();
    this.#startedAtMs = this.#retry.clock.now();
    this.#isMarked = nesting.isWatched && this.#mostAttempts > 1;
    const end = (): void => {
      this.#isMarked = false;
    };
    try {
      const value = await this.goOn(await this.#attempt(this.#call.as(1, cancellation, limit, this.#isMarked ? this : retried)));
      if (OpenStream.is(value)) whenOver(value, end);
      else end();
      return value;
    } catch (error) {
      end();
      throw error;
    }
  }

  /** Waits and attempts, after a first attempt, until one works or the call is given up. */
  async goOn(first: Result): Promise<unknown> {
    const { clock, options } = this.#retry;
    const { operation, cancellation, limit } = this.#call;
    for (let result = first; ; result = await this.#attempt(this.#call.as(this.#count + 1, cancellation, limit, this))) {
      const code = codeFrom(operation, result.error);
      // The call could not be told its breaker: no attempt either.
      if (code === 'BREAKER_CONFIG') return this.#giveUp(result);
      const isShut = code === 'BREAKER_OPEN';
      if (!isShut) {
        if (this.#hasWorked(result)) return this.#worked(result.value);
        this.#add(result);
      }
      if (cancellation?.aborted === true) this.#abandon(cancellation.reason);
      const delayMs = isShut ? this.#untilRecovery() : this.#backOff(result);
      if (delayMs === undefined) return this.#giveUp(result);
      const told = isShut ? undefined : this.#announce(delayMs, result);
      let isInTime = true;
      try {
        // Awaited here, for another async function costs another promise at each attempt.
        await pause({ owner: options, operation, delayMs, clock }, cancellation);
        if (told !== undefined) isInTime = await settlesWithin(Math.max(0, this.#roomMs), told, clock, cancellation);
      } catch (aborted) {
        this.#abandon(aborted);
      }
      // A blocked event loop may have made it a longer wait.
      if (!isInTime || this.#roomMs < 0) return this.#giveUp(result);
      if (__DEV__) this.#amplification!.begin();
    }
  }

  /** Runs one attempt, to what it came to. */
  #attempt(call: Call): Promise<Result> {
    return this.#retry.next.run(call, this.#self, this.#args).then((value) => ({ value }), (error) => ({ error }));
  }

  #add(result: Result): void {
    if (this.#failure !== undefined) addEarlier(this.#earlier, whatOf(this.#failure));
    // Of an attempt that some policy rejected, the function did not run, and what the attempt before left is still there.
    this.#dispose(result);
    this.#failure = this.#leftover = result;
    this.#count++;
    this.#timesTaken = 0;
    if (__DEV__) this.#amplification!.failed(result.error);
    if (!isOfCaller(result, this.#call)) this.#retry.adaptive?.record(false);
  }

  #worked(value: unknown): unknown {
    const { adaptive, budget } = this.#retry;
    this.#dispose({ value });
    adaptive?.record(true);
    budget?.giveBack(this.#withdrawn);
    return value;
  }

  /** What the call gives after all. @throws What it failed with; that of `rejection` when no attempt was made. */
  #giveUp(rejection: Result): unknown {
    const final = this.#failure ?? rejection;
    if ('value' in final) return final.value;
    if (this.#count > 0) noteAttempts(final.error, this.#call.operation, this.#count, this.#earlier, this.#amplification);
    throw final.error;
  }

  /** The call was aborted: nobody gets what the last attempt left. @throws Why. */
  #abandon(reason: unknown): never {
    this.#dispose();
    throw reason;
  }

  // As the calls inside it know it

  get isGoingOn(): boolean {
    return this.#isMarked && mayRepeat(this.#retry.options.idempotent, this.#args);
  }

  disposeLeftover(): void {
    this.#dispose();
  }

  /**
   * Disposes of what is kept: the body of a refused answer, returned or thrown, would keep its connection from the next attempt.
   *
   * @param next - What the next attempt came to, where that is known: an answer that came again, as from a cache, is still needed.
   */
  #dispose(next?: Result): void {
    const left = this.#leftover && answerOf(this.#leftover);
    this.#leftover = undefined;
    if (left !== undefined && (next === undefined || left !== answerOf(next))) dispose(left);
  }

  // How long it waits; undefined when it is not to, or would wait too long

  #backOff(result: Result): number | undefined {
    const { options, budget } = this.#retry;
    const failure = whatOf(result);
    if (this.#count >= this.#mostAttempts || !this.#isRetried(result) || !mayRepeat(options.idempotent, this.#args)) return undefined;
    const asked = askedMs(this.#retry, failure);
    if (asked === undefined) return undefined;
    const delay = delayAfter(this.#retry, this.#count, failure, this.#previousMs, this.#call.operation);
    this.#previousMs = this.#wait(delay, asked, this.#blockedMs());
    if (this.#previousMs !== undefined && budget !== undefined) {
      this.#withdrawn = budget.withdraw(result.error);
      if (this.#withdrawn === undefined) return undefined;
    }
    return this.#previousMs;
  }

  /** The wait of a call that the open circuit rejected. */
  #untilRecovery(): number | undefined {
    if (this.#retry.options.waitForCircuit !== true) return undefined;
    const blockedMs = this.#blockedMs();
    // Open, it says when it recovers. Half open, others probe it for who knows how long.
    this.#timesTaken = blockedMs > 0 ? 1 : this.#timesTaken + 1;
    const delay = computedDelay(this.#retry, this.#timesTaken, this.#timesTaken === 1 ? undefined : this.#takenMs);
    this.#takenMs = this.#wait(delay, 0, blockedMs);
    return this.#takenMs;
  }

  #wait(delay: Delay, asked: number, blockedMs: number): number | undefined {
    const roomMs = this.#roomMs;
    if (blockedMs > 0 && (this.#retry.options.waitForCircuit !== true || blockedMs > roomMs)) return undefined;
    return drawWait(delay, Math.max(asked, blockedMs === Infinity ? LOOK_AGAIN_MS : blockedMs), roomMs, this.#retry.random);
  }

  /** How long an attempt could not be admitted. */
  #blockedMs(): number {
    return Math.max(0, ...this.#retry.inside.map((guard) => this.#blockedBy(guard)));
  }

  /** A guard of the user's own that throws blocks nothing: the call's own error must not get lost. */
  #blockedBy(guard: Guard): number {
    try {
      return guard.blockedMs?.(this.#self, this.#args) ?? 0;
    } catch (thrown) {
      reportThrow(guard, 'blockedMs of a guard', thrown);
      return 0;
    }
  }

  /** The time that is left: by its own deadline, and by that of the calls around it. */
  get #roomMs(): number {
    const { clock, options } = this.#retry;
    return Math.min((options.maxElapsed ?? Infinity) - (clock.now() - this.#startedAtMs), remainingMs(this.#call.limit));
  }

  /** How many attempts it may have. */
  get #mostAttempts(): number {
    const { nested, maxAttempts } = this.#retry.options;
    return nested === 'suppress' && this.#call.retriedAround?.isGoingOn === true ? 1 : maxAttempts;
  }

  #hasWorked(result: Result): result is { readonly value: unknown } {
    return 'value' in result && !this.#refuses(result.value);
  }

  #refuses(value: unknown): boolean {
    const { handleResult } = this.#retry.options;
    // A stream that has begun cannot be tried again.
    if (handleResult === undefined || OpenStream.is(value)) return false;
    return ask(handleResult as (value: unknown) => boolean, 'handleResult', value, false);
  }

  #isRetried(result: Result): boolean {
    const { handles, ignores } = this.#retry;
    if ('value' in result) return true;
    if (ignores !== undefined && ask(ignores, 'ignore', result.error, false)) return false;
    return ask(handles, 'handle', result.error, true);
  }

  /** @returns Settled when what `onRetry` does is over; undefined when it is at once. */
  #announce(delay: number, result: Result): Promise<void> | undefined {
    const { options, sink, clock } = this.#retry;
    const { onRetry } = options;
    const notice = { attempt: this.#count, delay, error: undefined, ...result, operation: this.#call.operation };
    const told = onRetry && callSafely('onRetry', onRetry as (notice: RetryNotice) => unknown, notice);
    emitPolicyEvent<RetryEvent>(sink, 'retry', clock, this.#call, notice);
    return told;
  }
}

/** What an attempt failed with: an error, or the value that was refused. */
function whatOf(result: Result): unknown {
  return 'value' in result ? result.value : result.error;
}

/** The answer that an attempt gave: its value, or the response of its error. */
function answerOf(result: Result): unknown {
  return 'value' in result ? result.value : propertyOf(result.error, 'response');
}

/** Whether the caller cancelled the attempt, which says nothing about the dependency. */
function isOfCaller(result: Result, { operation, cancellation }: Call): boolean {
  return errorToClassify(result.error, operation, cancellation) === CALLERS_ABORT || isCancelled(result.error);
}
