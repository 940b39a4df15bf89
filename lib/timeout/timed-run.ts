import type { Call } from '../core/call';
import { CancellationSource, type Cancellation } from '../core/cancellation';
import type { Clock } from '../core/clock';
import type { Deadline } from '../core/deadline';
import type { OperationTimeoutError } from '../core/errors';
import type { OnFailure, OnSuccess } from '../core/runner';
import { startTimer } from '../core/timer';
import { Waiter, type TimerQueue } from '../core/timer-queue';
import type { TimeoutRules } from './rules';

/** How many runs that are over are worth keeping. */
const MOST_IDLE = 64;

/**
 * One run with its time: what can end it, when it must have ended, and its place in the queue, in one object. Most runs end in
 * time and nobody looks at their call; those cost no object at all, for the next run takes theirs.
 */
export abstract class TimedRun extends Waiter implements Cancellation, Deadline {
  /** The call as what is inside the timeout knows it. While nobody has seen it, nobody can know this run but the timeout. */
  readonly inner: Call;
  /** What its signal was aborted with when its time was up. */
  protected error: OperationTimeoutError | undefined = undefined;
  protected onSuccess: OnSuccess | undefined = undefined;
  protected onFailure: OnFailure | undefined = undefined;
  /** Of a run that has a timer of its own. */
  private cancelTimer: (() => void) | undefined = undefined;
  /** Made when somebody asks for more than a look. */
  private source: CancellationSource | undefined = undefined;
  /** What can end the call around it, while it runs. */
  private outer: Cancellation | undefined;

  /**
   * @param queue - That of all runs which are given the timeout's own time.
   * @param idle - Where it goes when it is over, if nobody has seen it.
   */
  constructor(
    private readonly rules: TimeoutRules,
    private readonly call: Call,
    private readonly givenMs: number,
    private readonly queue: TimerQueue | undefined,
    private readonly idle: TimedRun[] | undefined,
  ) {
    super();
    this.outer = call.cancellation;
    this.inner = call.as(call.attempt, this, this);
  }

  /** Takes what its layer gives. */
  abstract readonly succeed: (value: unknown) => unknown;
  abstract readonly fail: (error: unknown) => unknown;

  /** Lets its time begin. */
  begin(onSuccess: OnSuccess | undefined, onFailure: OnFailure | undefined): void {
    // A run that is used again has them already, most of the time.
    if (this.onSuccess !== onSuccess) this.onSuccess = onSuccess;
    if (this.onFailure !== onFailure) this.onFailure = onFailure;
    if (this.queue !== undefined) this.queue.add(this);
    else this.#startTimer();
  }

  #startTimer(): void {
    const { givenMs } = this;
    const { clock } = this.rules;
    this.isOver = false;
    this.dueMs = clock.now() + givenMs;
    this.cancelTimer = startTimer(clock, givenMs, () => {
      this.expire();
    });
  }

  /** Its time is up: aborts its signal, unless the call around it was aborted before. */
  expire(): void {
    if (this.aborted) return;
    const { rules, call, givenMs } = this;
    this.error = rules.error(call, givenMs, givenMs + rules.clock.now() - this.dueMs);
    rules.tell(call, givenMs);
    this.source?.abort(this.error);
  }

  /** It is over, and leaves nothing behind. */
  protected settle(): void {
    this.isOver = true;
    if (this.isQueued) this.queue?.remove(this);
    if (this.inner.isSeen) this.#letGo();
    else this.#retire();
  }

  #retire(): void {
    const { idle } = this;
    if (idle === undefined) this.#letGo();
    else if (idle.length < MOST_IDLE && this.error === undefined) idle.push(this);
  }

  /** Leaves the timer and the call around it. */
  #letGo(): void {
    this.onSuccess = this.onFailure = undefined;
    this.cancelTimer?.();
    this.outer = undefined;
    this.source?.release();
  }

  // As a deadline

  get operation(): string {
    return this.call.operation;
  }

  get clock(): Clock {
    return this.rules.clock;
  }

  get atMs(): number {
    if (this.isOver) return Infinity;
    this.queue?.stamp(this);
    return this.dueMs;
  }

  // As a cancellation

  get aborted(): boolean {
    return this.error !== undefined || (this.source ?? this.outer)?.aborted === true;
  }

  get reason(): unknown {
    return this.error ?? (this.source ?? this.outer)?.reason;
  }

  get signal(): AbortSignal {
    return this.#followed().signal;
  }

  subscribe(fn: () => void): () => void {
    return this.#followed().subscribe(fn);
  }

  #followed(): CancellationSource {
    if (this.source !== undefined) return this.source;
    this.source = new CancellationSource(this.outer);
    if (this.error !== undefined) this.source.abort(this.error);
    return this.source;
  }
}
