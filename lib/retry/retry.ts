import type { Call, Args } from '../core/call';
import { isCancelled } from '../core/cancelled';
import { systemClock, type Clock } from '../core/clock';
import { startContained } from '../core/contained';
import { isFrom, isRejection } from '../core/errors';
import type { PolicyEvent } from '../core/events';
import { mayRepeat } from '../core/idempotent';
import { toPredicate } from '../core/matcher';
import { ask, CALLERS_ABORT, toBeJudged } from '../core/outcome';
import type { Driver, Guard, LayerContext, PolicySink, Run } from '../core/policy';
import { systemRandom } from '../core/random';
import { Rejection, rejected } from '../core/rejection';
import { runOr } from '../core/run';
import { pause } from '../core/pause';
import { settlesWithin } from '../core/timer';
import { OpenStream } from '../core/stream';
import { tell } from '../core/tell';
import { AdaptiveBackoff } from './adaptive-backoff';
import { Delays } from './delays';
import { FailedAttempts } from './failed-attempts';
import type { Failure } from './failure';
import { toBudget } from './named-budgets';
import { nesting, Retried } from './nesting';
import type { ResolvedRetryOptions, RetryNotice } from './options';
import type { RetryBudget } from './retry-budget';
import type { Retrying } from './retrying';
import { Waits } from './waits';

/** A retry is about to wait. */
export interface RetryEvent extends PolicyEvent<'retry'>, RetryNotice {}

export type RetryEvents = { retry: RetryEvent };

/** The wait before the next attempt. */
interface Next {
  readonly delayMs: number;
  /** Settled when what `onRetry` does is over; undefined when it is at once. */
  readonly told: Promise<void> | undefined;
}

/** What a retry keeps from call to call. */
export interface RetryMemory {
  /** The policy whose memory it is, in all registries. */
  readonly policy: object;
  readonly adaptive: AdaptiveBackoff | undefined;
  readonly budget: RetryBudget | undefined;
}

/** Runs a call again while it fails and may be repeated. */
export function retrying(given: ResolvedRetryOptions, { clock = systemClock, random = systemRandom, registry, sink }: LayerContext): Driver {
  const options = { ...given, clock: given.clock ?? clock, random: given.random ?? random };
  const budget = given.budget && toBudget(given.budget, options.clock, registry);
  const memory = { policy: given, adaptive: given.backoff === 'adaptive' ? new AdaptiveBackoff() : undefined, budget };
  return Object.assign((next: Run, inside: readonly Guard[]) => new RetryRun(options, next, inside, sink, memory), { allowance: budget });
}

/** The first attempt costs a call that works nothing but a closure; all the rest happens after a failure. */
class RetryRun implements Run {
  readonly #next: Run;
  readonly #options: ResolvedRetryOptions;
  readonly #sink: PolicySink;
  readonly #clock: Clock;
  readonly #delays: Delays;
  readonly #waits: Waits;
  readonly #memory: RetryMemory;
  readonly #budget: RetryBudget | undefined;
  readonly #handles: (error: unknown) => boolean;
  readonly #ignores: ((error: unknown) => boolean) | undefined;
  /** Whether a first attempt that works needs nothing done. */
  readonly #isPlain: boolean;

  constructor(options: ResolvedRetryOptions, next: Run, inside: readonly Guard[], sink: PolicySink, memory: RetryMemory) {
    const { handle, ignore } = options;
    this.#options = options;
    this.#next = next;
    this.#sink = sink;
    this.#clock = options.clock ?? systemClock;
    this.#delays = new Delays(options, memory.adaptive);
    this.#waits = new Waits(options, this.#delays, inside);
    this.#memory = memory;
    this.#budget = memory.budget;
    this.#handles = handle === undefined ? isRetriedByDefault : toPredicate(handle);
    this.#ignores = ignore && toPredicate(ignore);
    this.#isPlain =
      options.handleResult === undefined &&
      options.maxElapsed === undefined &&
      this.#budget === undefined &&
      !this.#delays.learns;
  }

  run(call: Call, self: unknown, args: Args): Promise<unknown> {
    if (!this.#isPlain || call.cancellation !== undefined || nesting.isWatched) return this.#runWatched(call, self, args);
    // What an outer retry counts are runs of this one.
    const first = call.attempt === 1 ? call : call.as(1, undefined);
    return runOr(this.#next, first, self, args, (error) => this.#again(error, first, self, args));
  }

  #again(error: unknown, call: Call, self: unknown, args: Args): unknown {
    // A rejection by the open circuit must cost as little with a retry as without.
    if (this.#isFinal(error, call)) return new Rejection(error);
    return this.#goOn({ call, self, args, cancellation: undefined, startedAtMs: 0 }, { error });
  }

  /** As {@link run}, where more than the failures of the first attempt must be looked at. */
  async #runWatched(call: Call, self: unknown, args: Args): Promise<unknown> {
    const { cancellation } = call;
    if (cancellation?.aborted === true) return rejected(cancellation.reason);
    this.#budget?.deposit();
    const startedAtMs = this.#options.maxElapsed === undefined ? 0 : this.#clock.now();
    const retried = nesting.isWatched ? this.#retried(call, args) : undefined;
    const first = call.as(1, cancellation, call.limit, retried ?? call.retried);
    const retrying: Retrying = { call: first, self, args, cancellation, startedAtMs, retried };
    const release = (): void => {
      retrying.retried?.end();
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
    return this.#next.run(call, self, args).then(
      (value) => {
        if (this.#delays.learns) this.#delays.record(!this.#refuses(value));
        return { value };
      },
      (error) => {
        if (this.#delays.learns && !isOfCaller(error, call)) this.#delays.record(false);
        return { error };
      },
    );
  }

  /** What happens after the first attempt failed: waits and attempts, until one works or the call is given up. */
  async #goOn(retrying: Retrying, failed: Failure): Promise<unknown> {
    const { call, cancellation } = retrying;
    const retried = (retrying.retried ??= new Retried());
    const attempts = new FailedAttempts({ operation: call.operation, memory: this.#memory }, retried);
    let failure = failed;
    let isShut = this.#isOwnCircuit(failure, call);
    if (!isShut) attempts.add(failure);
    for (;;) {
      if (cancellation?.aborted === true) return attempts.abandon(cancellation);
      const next = isShut ? this.#untilRecovery(retrying) : this.#backOff(retrying, failure, attempts.count);
      if (next === undefined) return attempts.giveUp(failure);
      try {
        // Awaited here, for another async function costs another promise at each attempt.
        await pause({ owner: this.#memory, operation: call.operation, delayMs: next.delayMs, clock: this.#clock }, cancellation);
        if (next.told !== undefined && !(await this.#isToldInTime(retrying, next.told))) return attempts.giveUp(failure);
        // A blocked event loop may have made it a longer wait.
        if (!this.#waits.fits(retrying, 0)) return attempts.giveUp(failure);
      } catch (aborted) {
        return attempts.abandon({ reason: aborted });
      }
      attempts.begin();
      failure = await this.#attempt(retrying, call.as(attempts.count + 1, cancellation, call.limit, retried));
      isShut = this.#isOwnCircuit(failure, call);
      // No attempt either: the call could not be told its breaker any more.
      if (isFrom(call.operation, failure.error, 'BREAKER_CONFIG')) return attempts.giveUp(failure);
      if (isShut) continue;
      retrying.timesTaken = 0;
      if (this.#hasWorked(failure)) {
        retried.disposeLeftover(failure);
        return this.#worked(retrying, failure.value);
      }
      attempts.add(failure);
    }
  }

  /** Waits for what `onRetry` does. @returns Whether that ended while there was time left. */
  #isToldInTime(retrying: Retrying, told: Promise<void>): Promise<boolean> {
    return settlesWithin(Math.max(0, this.#waits.roomMs(retrying)), told, this.#clock, retrying.cancellation);
  }

  #untilRecovery(retrying: Retrying): Next | undefined {
    const delayMs = this.#waits.beforeCircuit(retrying);
    return delayMs === undefined ? undefined : { delayMs, told: undefined };
  }

  /** Tells of the wait before the next attempt. @returns undefined when there is to be none. */
  #backOff(retrying: Retrying, failure: Failure, attempt: number): Next | undefined {
    const delayMs = this.#delayMs(retrying, failure, attempt);
    if (delayMs === undefined) return undefined;
    retrying.previousMs = delayMs;
    return { delayMs, told: this.#tell(retrying.call, attempt, delayMs, failure) };
  }

  #delayMs(retrying: Retrying, failure: Failure, attempt: number): number | undefined {
    const { call, args } = retrying;
    if (attempt >= this.#attemptsOf(call) || !this.#retries(failure) || !mayRepeat(this.#options.idempotent, args)) return undefined;
    const delayMs = this.#waits.beforeAttempt(retrying, failure, attempt);
    if (delayMs === undefined || this.#budget === undefined) return delayMs;
    retrying.withdrawn = this.#budget.withdraw(failure.error);
    return retrying.withdrawn === undefined ? undefined : delayMs;
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

  #tell(call: Call, attempt: number, delay: number, failure: Failure): Promise<void> | undefined {
    const { onRetry } = this.#options;
    const notice = { attempt, delay, error: undefined, ...failure, operation: call.operation };
    const told = onRetry && startContained('onRetry', onRetry as (notice: RetryNotice) => unknown, notice);
    tell<RetryEvent>(this.#sink, 'retry', this.#clock, call, notice);
    return told;
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
