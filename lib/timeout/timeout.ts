import { type Call, type Args, remainingMs, type Deadline } from '../core/call';
import { CancellationSource, type Cancellation } from '../core/cancellation';
import { systemClock, type Clock } from '../core/clock';
import { dispose } from '../core/dispose';
import { OperationTimeoutError } from './operation-timeout-error';
import { withoutStack } from '../core/errors';
import { type PolicyEvent, emitPolicyEvent } from '../core/observers';
import type { Driver, LayerContext, PolicySink, Run } from '../core/policy';
import { realTime, TimerQueue, type Waiter } from '../core/timer-queue';
import { Rejection, rejected } from '../core/run';
import { eachItem } from '../core/stream';
import { fullTurn, STALL_MS, startTimer } from '../core/timer';
import type { ResolvedTimeoutOptions } from './options';

/** An attempt did not settle in its time. */
export interface TimeoutEvent extends PolicyEvent<'timeout'> {
  /** The time it was given, in milliseconds. */
  readonly timeout: number;
}

export type TimeoutEvents = { timeout: TimeoutEvent };

/** A timeout around what is inside it; for a stream, around the wait for each item. */
export function timing({ duration, mode, clock }: Pick<ResolvedTimeoutOptions, 'duration' | 'mode' | 'clock'>, context: Pick<LayerContext, 'clock' | 'sink'>): Driver {
  const limit = { duration, mode, clock: clock ?? context.clock ?? systemClock, sink: context.sink };
  return eachItem((next) => new TimeoutRun(limit, next));
}

/** What all runs of one timeout have in common. */
interface TimeLimit {
  readonly duration: number;
  readonly mode: ResolvedTimeoutOptions['mode'];
  readonly clock: Clock;
  readonly sink: PolicySink;
  /** Where calls wait that have the timeout's own time. */
  queue?: TimerQueue;
}

/** Runs calls under a timeout. */
class TimeoutRun implements Run {
  readonly #limit: TimeLimit;
  readonly #next: Run;

  constructor(limit: TimeLimit, next: Run) {
    this.#limit = limit;
    this.#next = next;
  }

  run(call: Call, self: unknown, args: Args): Promise<unknown> {
    if (call.cancellation?.aborted === true) return rejected(call.cancellation.reason);
    // A deadline around the call may leave it less than the timeout's own time.
    const givenMs = Math.min(this.#limit.duration, remainingMs(call.limit));
    if (givenMs <= 0) return rejected(timeoutError(call, 0, isCutShort(this.#limit, call, 0, 0)));
    const timed = new TimedCall(this.#limit, call, givenMs);
    return timed.answerOf(this.#next.run(timed.inner, self, args));
  }
}

/**
 * Whether a call around it, of another operation, left it less time than the timeout gives.
 *
 * @param ranMs - How long it ran, which a busy event loop may have made longer than it was given. Both are compared: a timer may fire up to a millisecond early.
 */
function isCutShort({ duration }: TimeLimit, { operation, limit }: Call, givenMs: number, ranMs: number): boolean {
  return givenMs < duration && ranMs < duration && limit?.operation !== operation;
}

function timeoutError({ operation }: Call, givenMs: number, isCutShort: boolean, cause?: ErrorOptions): OperationTimeoutError {
  return withoutStack(() => new OperationTimeoutError(operation, givenMs, { isCutShort, ...cause }));
}

/** Where all calls wait that are given the same time; undefined where each must have a timer of its own. */
function queueOf(limit: TimeLimit): TimerQueue | undefined {
  const time = limit.clock === systemClock ? realTime() : undefined;
  return time && (limit.queue ??= TimerQueue.shared(limit.duration, time));
}

/** One call with its time: what ends it from outside, its deadline, and its place in the queue, in one object. */
class TimedCall implements Waiter, Cancellation, Deadline {
  dueMs = 0;
  isQueued = false;
  previous: Waiter | undefined = undefined;
  next: Waiter | undefined = undefined;
  /** The call as what is inside the timeout knows it. */
  readonly inner: Call;
  readonly #limit: TimeLimit;
  readonly #outer: Call;
  readonly #givenMs: number;
  /** Whether the work has settled. */
  #isOver = false;
  /** Of a call that waits with all that are given the same time. */
  #queue: TimerQueue | undefined;
  /** Of a call that has a timer of its own. */
  #cancelTimer: (() => void) | undefined;
  /** What its signal was aborted with when its time was up. */
  #error: OperationTimeoutError | undefined;
  /** Made when somebody asks for more than a look. */
  #source: CancellationSource | undefined;
  #abortSource: (() => void) | undefined;
  /** Ends the answer of a call that is not waited for. */
  #reject: ((reason: unknown) => void) | undefined;
  #running: Promise<unknown> | undefined;
  /** Whether nobody waits for the work any more. */
  #isLeft = false;

  constructor(limit: TimeLimit, outer: Call, givenMs: number) {
    this.#limit = limit;
    this.#outer = outer;
    this.#givenMs = givenMs;
    this.inner = outer.as(outer.attempt, this, this);
    if (__NODE__ && givenMs === limit.duration) this.#queue = queueOf(limit);
    if (this.#queue === undefined) this.#startTimer(limit.clock);
    else this.#queue.add(this);
  }

  #startTimer(clock: Clock): void {
    this.dueMs = clock.now() + this.#givenMs;
    this.#cancelTimer = startTimer(clock, this.#givenMs, () => {
      // A stall is not a timeout: answers that wait in the sockets are read first.
      if (clock === systemClock && clock.now() > this.dueMs + STALL_MS) fullTurn(() => { this.expire(); });
      else this.expire();
    });
  }

  /** What the caller gets of a run, which it leaves when its time is up, unless the timeout is cooperative. */
  answerOf(running: Promise<unknown>): Promise<unknown> {
    return (this.#limit.mode === 'cooperative' ? running : this.#leavable(running)).then(
      (value) => {
        this.#settle();
        return value;
      },
      (error) => {
        this.#settle();
        return new Rejection(this.#explained(error));
      },
    );
  }

  /** Resolved by the engine's own functions: by those, a stack trace finds its way from the run to who waits for the answer. */
  #leavable(running: Promise<unknown>): Promise<unknown> {
    this.#running = running;
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      void running.then(resolve, reject);
    });
  }

  /** Its time is up: aborts its signal, unless the call around it was aborted before. */
  expire(): void {
    if (this.#isOver) return;
    const limit = this.#limit;
    const outer = this.#outer;
    const givenMs = this.#givenMs;
    if (!this.aborted) {
      this.#error = timeoutError(outer, givenMs, isCutShort(limit, outer, givenMs, givenMs + limit.clock.now() - this.dueMs));
      emitPolicyEvent<TimeoutEvent>(limit.sink, 'timeout', limit.clock, outer, { timeout: givenMs });
      this.#abortSource?.();
    }
    if (this.#reject !== undefined) this.#leave(this.#reject);
  }

  #leave(reject: (reason: unknown) => void): void {
    this.#isLeft = true;
    reject(this.reason);
    const settled = (): void => {
      this.#isOver = true;
    };
    void this.#running!.then(dispose).then(settled, settled);
  }

  /** What a late call rejects with: its timeout, because of what it rejected with, unless that is the timeout, as it came from the signal. */
  #explained(cause: unknown): unknown {
    const error = this.#error;
    return error === undefined || error === cause ? cause : timeoutError(this.#outer, this.#givenMs, error.isCutShort, { cause });
  }

  /** Leaves nothing behind. */
  #settle(): void {
    this.#isOver = !this.#isLeft;
    if (__NODE__ && this.isQueued) this.#queue?.remove(this);
    this.#cancelTimer?.();
    this.#cancelTimer = this.#reject = this.#running = undefined;
    this.#source?.release();
  }

  // As a deadline

  get operation(): string {
    return this.#outer.operation;
  }

  get clock(): Clock {
    return this.#limit.clock;
  }

  get atMs(): number {
    if (this.#isOver) return Infinity;
    if (__NODE__) this.#queue?.stamp(this);
    return this.dueMs;
  }

  // As a cancellation

  get aborted(): boolean {
    return this.#error !== undefined || this.#around?.aborted === true;
  }

  get reason(): unknown {
    return this.#error ?? this.#around?.reason;
  }

  get signal(): AbortSignal {
    return this.#followed().signal;
  }

  subscribe(fn: () => void): () => void {
    return this.#followed().subscribe(fn);
  }

  /** What can end the call around it, as far as that matters to it: not when it has settled before. */
  get #around(): Cancellation | undefined {
    return this.#source ?? (this.#isOver ? undefined : this.#outer.cancellation);
  }

  #followed(): CancellationSource {
    if (this.#source !== undefined) return this.#source;
    const source = (this.#source = new CancellationSource(this.#isOver ? undefined : this.#outer.cancellation));
    if (this.#error !== undefined) source.abort(this.#error);
    // A reaction runs in the context of who attaches it: the listeners of a signal run in that of their own caller, not of who armed the timer.
    else void new Promise<void>((resolve) => { this.#abortSource = resolve; }).then(() => { source.abort(this.#error); });
    return source;
  }
}
