import type { Call, Args } from '../core/call';
import { CancellationSource, type Cancellation } from '../core/cancellation';
import { systemClock, type Clock } from '../core/clock';
import { remainingMs, type Deadline } from '../core/deadline';
import { dispose } from '../core/dispose';
import { OperationTimeoutError, withoutStack } from '../core/errors';
import type { Driver, LayerContext, PolicySink, Run } from '../core/policy';
import { fullTurn, realTime, STALL_MS } from '../core/real-time';
import { Rejection, rejected } from '../core/rejection';
import { emitPolicyEvent } from '../core/events';
import { startTimer } from '../core/timer';
import { TimerQueue, type Waiter } from '../core/timer-queue';
import type { TimeoutEvent } from './events';
import type { ResolvedTimeoutOptions } from './options';

/** A timeout around what is inside it; for a stream, around the wait for each item. */
export function timing(options: Pick<ResolvedTimeoutOptions, 'duration' | 'mode' | 'clock'>, context: Pick<LayerContext, 'clock' | 'sink'>): Driver {
  const limit = new TimeLimit(options.duration, options.clock ?? context.clock ?? systemClock, context.sink);
  const isCooperative = options.mode === 'cooperative';
  return Object.assign((next: Run) => new TimeoutRun(limit, isCooperative, next), { eachItem: true });
}

/** What all runs of one timeout have in common. */
class TimeLimit {
  #queue: TimerQueue | undefined;

  constructor(
    readonly durationMs: number,
    readonly clock: Clock,
    private readonly sink: PolicySink,
  ) {}

  /** The time of a run: the timeout's own, or what a deadline around its call leaves of it; 0 when that has passed. */
  allotMs({ limit }: Call): number {
    return limit === undefined ? this.durationMs : Math.max(0, Math.min(this.durationMs, remainingMs(limit)));
  }

  /** Where all runs wait that have the timeout's own time; undefined where each must have a timer of its own. */
  queue(): TimerQueue | undefined {
    if (this.clock !== systemClock) return undefined;
    const time = realTime();
    return time && (this.#queue ??= TimerQueue.shared(this.durationMs, time));
  }

  /** @param ranMs - How long the call ran, which a busy event loop may have made longer than it was given. */
  error({ operation, limit }: Call, givenMs: number, ranMs: number): OperationTimeoutError {
    // Both: a timer may fire up to a millisecond early.
    const isCutShort = givenMs < this.durationMs && ranMs < this.durationMs && limit?.operation !== operation;
    return withoutStack(() => new OperationTimeoutError(operation, givenMs, { isCutShort }));
  }

  emit(call: Call, timeout: number): void {
    emitPolicyEvent<TimeoutEvent>(this.sink, 'timeout', this.clock, call, { timeout });
  }
}

/** Runs calls under a timeout. */
class TimeoutRun implements Run {
  constructor(
    private readonly limit: TimeLimit,
    private readonly isCooperative: boolean,
    private readonly next: Run,
  ) {}

  run(call: Call, self: unknown, args: Args): Promise<unknown> {
    if (call.cancellation?.aborted === true) return rejected(call.cancellation.reason);
    const givenMs = this.limit.allotMs(call);
    if (givenMs === 0) return rejected(this.limit.error(call, 0, 0));
    const timed = new TimedCall(this.limit, call, givenMs);
    const running = this.next.run(timed.inner, self, args);
    return this.isCooperative ? running.then(timed.succeed, timed.fail) : timed.abandonable(running).then(timed.succeed, timed.fail);
  }
}

/** One call with its time: what ends it from outside, its deadline, and its place in the queue, in one object. */
class TimedCall implements Waiter, Cancellation, Deadline {
  dueMs = 0;
  isQueued = false;
  previous: Waiter | undefined = undefined;
  next: Waiter | undefined = undefined;
  /** The call as what is inside the timeout knows it. */
  readonly inner: Call;
  /** Whether the work has settled. */
  private isOver = false;
  /** Whether nobody waits for the work any more. */
  private isLeft = false;
  /** Where it waits with all that are given the same time. */
  private readonly queue: TimerQueue | undefined;
  /** Of a call that has a timer of its own. */
  private cancelTimer: (() => void) | undefined = undefined;
  /** What its signal was aborted with when its time was up. */
  private error: OperationTimeoutError | undefined = undefined;
  /** Made when somebody asks for more than a look. */
  private source: CancellationSource | undefined = undefined;
  private abortSource: (() => void) | undefined = undefined;
  /** Leaves a call that is not waited for. */
  private abandon: ((reason: unknown) => void) | undefined = undefined;
  private running: Promise<unknown> | undefined = undefined;

  constructor(
    private readonly limit: TimeLimit,
    private readonly outer: Call,
    private readonly givenMs: number,
  ) {
    this.inner = outer.as(outer.attempt, this, this);
    this.queue = givenMs === limit.durationMs ? limit.queue() : undefined;
    if (this.queue !== undefined) this.queue.add(this);
    else this.#startTimer();
  }

  #startTimer(): void {
    const { clock } = this.limit;
    this.dueMs = clock.now() + this.givenMs;
    this.cancelTimer = startTimer(clock, this.givenMs, () => {
      if (clock === systemClock && clock.now() > this.dueMs + STALL_MS) fullTurn(() => { this.expire(); });
      else this.expire();
    });
  }

  /**
   * The answer of a run that may be left. The run resolves it by the engine's own functions: by those, a stack trace finds its way from the run to who
   * waits for the answer.
   */
  abandonable(running: Promise<unknown>): Promise<unknown> {
    this.running = running;
    return new Promise((resolve, reject) => {
      this.abandon = reject;
      void running.then(resolve, reject);
    });
  }

  /** Its time is up: aborts its signal, unless the call around it was aborted before. */
  expire(): void {
    if (this.isOver) return;
    const { limit, outer, givenMs } = this;
    if (!this.aborted) {
      this.error = limit.error(outer, givenMs, givenMs + limit.clock.now() - this.dueMs);
      limit.emit(outer, givenMs);
      this.abortSource?.();
    }
    if (this.abandon !== undefined) this.#leave(this.abandon);
  }

  #leave(abandon: (reason: unknown) => void): void {
    this.isLeft = true;
    abandon(this.reason);
    const settled = (): void => {
      this.isOver = true;
    };
    void this.running!.then(dispose).then(settled, settled);
  }

  readonly succeed = (value: unknown): unknown => {
    this.#settle();
    return value;
  };

  readonly fail = (error: unknown): unknown => {
    this.#settle();
    return new Rejection(this.error === undefined ? error : because(this.error, error));
  };

  /** Leaves nothing behind. */
  #settle(): void {
    this.isOver = !this.isLeft;
    if (this.isQueued) this.queue?.remove(this);
    this.cancelTimer?.();
    this.cancelTimer = this.abandon = this.running = undefined;
    this.source?.release();
  }

  // As a deadline

  get operation(): string {
    return this.outer.operation;
  }

  get clock(): Clock {
    return this.limit.clock;
  }

  get atMs(): number {
    if (this.isOver) return Infinity;
    this.queue?.stamp(this);
    return this.dueMs;
  }

  // As a cancellation

  get aborted(): boolean {
    return this.error !== undefined || this.#around?.aborted === true;
  }

  get reason(): unknown {
    return this.error ?? this.#around?.reason;
  }

  get signal(): AbortSignal {
    return this.#followed().signal;
  }

  subscribe(fn: () => void): () => void {
    return this.#followed().subscribe(fn);
  }

  /** What can end the call around it, as far as that matters to it: not when it has settled before. */
  get #around(): Cancellation | undefined {
    return this.source ?? (this.isOver ? undefined : this.outer.cancellation);
  }

  #followed(): CancellationSource {
    if (this.source !== undefined) return this.source;
    const source = (this.source = new CancellationSource(this.isOver ? undefined : this.outer.cancellation));
    if (this.error !== undefined) source.abort(this.error);
    // A reaction runs in the context of who attaches it: the listeners of a signal run in that of their own caller, not of who armed the timer.
    else void new Promise<void>((resolve) => { this.abortSource = resolve; }).then(() => { source.abort(this.error); });
    return source;
  }
}

/** The error of a late call that has rejected: the same, because of what it rejected with. */
function because(error: OperationTimeoutError, cause: unknown): OperationTimeoutError {
  if (cause === error) return error; // as it came from the signal
  const { operation, timeout, isCutShort } = error;
  return withoutStack(() => new OperationTimeoutError(operation, timeout, { isCutShort, cause }));
}
