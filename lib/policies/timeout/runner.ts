import type { Call } from '../../core/call';
import { systemClock } from '../../core/clock';
import { realTime } from '../../core/real-time';
import { rejected, type Args, type OnFailure, type OnSuccess, type Runner } from '../../core/runner';
import { TimerQueue } from '../../core/timer-queue';
import { AbandonableRun } from './abandonable-run';
import { because, type TimeoutRules } from './rules';
import { TimedRun } from './timed-run';

/** Runs calls under a timeout; each of its two modes says how. */
abstract class TimeoutRunner implements Runner {
  #queue: TimerQueue | undefined;

  constructor(
    protected readonly rules: TimeoutRules,
    protected readonly next: Runner,
  ) {}

  run(call: Call, self: unknown, args: Args, onSuccess?: OnSuccess, onFailure?: OnFailure): Promise<unknown> {
    const { rules } = this;
    if (call.cancellation?.aborted === true) return rejected(call.cancellation.reason, onFailure);
    const givenMs = rules.allotMs(call);
    if (givenMs === 0) return rejected(rules.error(call, 0, 0), onFailure);
    const queue = givenMs === rules.durationMs ? this.queue() : undefined;
    return this.start(call, givenMs, queue, self, args, onSuccess, onFailure);
  }

  blockedForMs(self: unknown, args: Args): number {
    return this.next.blockedForMs(self, args);
  }

  protected abstract start(
    call: Call,
    givenMs: number,
    queue: TimerQueue | undefined,
    self: unknown,
    args: Args,
    onSuccess: OnSuccess | undefined,
    onFailure: OnFailure | undefined,
  ): Promise<unknown>;

  /** Where all wait that have the timeout's own time; undefined when each must have a timer of its own, by another clock. */
  private queue(): TimerQueue | undefined {
    if (this.rules.clock !== systemClock) return undefined;
    const time = realTime();
    return time && (this.#queue ??= new TimerQueue(this.rules.durationMs, time));
  }
}

/** Rejects a call that does not settle in time, at once, and aborts its signal. What it gives later is dropped. */
export class AbandonRunner extends TimeoutRunner {
  protected override start(
    call: Call,
    givenMs: number,
    queue: TimerQueue | undefined,
    self: unknown,
    args: Args,
    onSuccess: OnSuccess | undefined,
    onFailure: OnFailure | undefined,
  ): Promise<unknown> {
    const run = new AbandonableRun(this.rules, call, givenMs, queue, onSuccess, onFailure);
    run.begin();
    void this.next.run(
      call.as(call.attempt, run, run),
      self,
      args,
      (value) => {
        run.succeed(value);
      },
      (error) => {
        run.fail(error);
      },
    );
    return run.promise;
  }
}

/** Aborts the signal of a call that does not settle in time, and waits for it. */
export class CooperativeRunner extends TimeoutRunner {
  protected override start(
    call: Call,
    givenMs: number,
    queue: TimerQueue | undefined,
    self: unknown,
    args: Args,
    onSuccess: OnSuccess | undefined,
    onFailure: OnFailure | undefined,
  ): Promise<unknown> {
    const run = new TimedRun(this.rules, call, givenMs, queue);
    run.begin();
    return this.next.run(
      call.as(call.attempt, run, run),
      self,
      args,
      (value) => {
        run.settle();
        return onSuccess === undefined ? value : onSuccess(value);
      },
      (error) => {
        run.settle();
        const outcome = run.error === undefined ? error : because(run.error, error);
        if (onFailure === undefined) throw outcome;
        return onFailure(outcome);
      },
    );
  }
}
