import type { Call } from '../../core/call';
import { CancellationSource, type Cancellation } from '../../core/cancellation';
import type { Clock } from '../../core/clock';
import type { Deadline } from '../../core/deadline';
import type { OperationTimeoutError } from '../../core/errors';
import { startTimer } from '../../core/timer';
import { Waiter, type TimerQueue } from '../../core/timer-queue';
import type { TimeoutRules } from './rules';

/**
 * One run with its time: what can end it, when it must have ended, and its place in the queue, in one object. Most runs end in
 * time and nobody asks for their signal; those cost little more than this object.
 */
export class TimedRun extends Waiter implements Cancellation, Deadline {
  /** What its signal was aborted with when its time was up. */
  error: OperationTimeoutError | undefined = undefined;
  /** Of a run that has a timer of its own. */
  private cancelTimer: (() => void) | undefined = undefined;
  /** Made when somebody asks for more than a look. */
  private source: CancellationSource | undefined = undefined;
  /** What can end the call around it, while it runs. */
  private outer: Cancellation | undefined;

  constructor(
    private readonly rules: TimeoutRules,
    private readonly call: Call,
    private readonly givenMs: number,
    private readonly queue: TimerQueue | undefined,
  ) {
    super();
    this.outer = call.cancellation;
  }

  /** Lets its time begin. */
  begin(): void {
    const { queue, givenMs } = this;
    if (queue !== undefined) {
      queue.add(this);
      return;
    }
    const { clock } = this.rules;
    this.dueMs = clock.now() + givenMs;
    this.cancelTimer = startTimer(clock, givenMs, () => {
      this.expire();
    });
  }

  /** It has settled, and leaves nothing behind. */
  settle(): void {
    this.isOver = true;
    if (this.isQueued) this.queue?.remove(this);
    this.cancelTimer?.();
    if (this.outer !== undefined) {
      this.outer = undefined;
      this.source?.release();
    }
  }

  /** Its time is up: aborts its signal, unless the call around it was aborted before. */
  expire(): void {
    if (this.aborted) return;
    const { rules, call, givenMs } = this;
    this.error = rules.error(call, givenMs, givenMs + rules.clock.now() - this.dueMs);
    rules.tell(call, givenMs);
    this.source?.abort(this.error);
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
    if (this.dueMs === 0) this.queue?.stamp(this);
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
