import { ambient, type Call } from '../core/call';
import { systemClock } from '../core/clock';
import { realTime } from '../core/real-time';
import { FunctionRunner, reactedTo, rejected, type Args, type OnFailure, type OnSuccess, type Runner } from '../core/runner';
import { TimerQueue } from '../core/timer-queue';
import { AbandonableRun } from './abandonable-run';
import { CooperativeRun } from './cooperative-run';
import type { TimeoutRules } from './rules';
import type { TimedRun } from './timed-run';

/** Runs calls under a timeout. */
abstract class TimeoutRunner<R extends TimedRun> implements Runner {
  /** Runs that are over and can be used again, for nobody has seen them: all of the same call. */
  #idle: R[] = [];
  #call: Call | undefined;
  #queue: TimerQueue | undefined;
  /** Whether nothing inside keeps its call but the function, if that looks at it. */
  protected readonly isInnermost: boolean;

  constructor(
    protected readonly rules: TimeoutRules,
    protected readonly next: Runner,
  ) {
    this.isInnermost = next instanceof FunctionRunner;
  }

  run(call: Call, self: unknown, args: Args, onSuccess?: OnSuccess, onFailure?: OnFailure): Promise<unknown> {
    const { rules } = this;
    if (call.cancellation?.aborted === true) return rejected(call.cancellation.reason, onFailure);
    const givenMs = rules.allotMs(call);
    if (givenMs === 0) return rejected(rules.error(call, 0, 0), onFailure);
    const queue = givenMs === rules.durationMs ? this.queue() : undefined;
    const run = queue !== undefined && this.#isPlain(call) ? this.plainRun(call, queue) : this.make(call, givenMs, queue);
    return this.start(run, self, args, onSuccess, onFailure);
  }

  /** Whether a call has nothing of its own and nothing around it, and only its function can see it: in the slot, while it is there. */
  #isPlain(call: Call): boolean {
    return this.isInnermost && call.isPlain && call.limit === undefined && ambient.storage === undefined;
  }

  /** A run of a call that is plain. */
  plainRun(call: Call, queue: TimerQueue): R {
    if (call !== this.#call) {
      this.#call = call;
      this.#idle = [];
    }
    return this.#idle.pop() ?? this.make(call, this.rules.durationMs, queue, this.#idle);
  }

  /** Where all wait that have the timeout's own time; undefined when each must have a timer of its own. */
  queue(): TimerQueue | undefined {
    if (this.rules.clock !== systemClock) return undefined;
    const time = realTime();
    return time && (this.#queue ??= TimerQueue.shared(this.rules.durationMs, time));
  }

  blockedForMs(self: unknown, args: Args): number {
    return this.next.blockedForMs(self, args);
  }

  protected abstract make(call: Call, givenMs: number, queue: TimerQueue | undefined, idle?: R[]): R;

  protected abstract start(run: R, self: unknown, args: Args, onSuccess?: OnSuccess, onFailure?: OnFailure): Promise<unknown>;
}

/** Rejects a call that does not settle in time, at once, and aborts its signal. What it gives later is dropped. */
export class AbandonRunner extends TimeoutRunner<AbandonableRun> {
  /** Whether a wrapper can do itself what this layer does. */
  readonly hasShortCut = this.isInnermost;

  protected override make(call: Call, givenMs: number, queue: TimerQueue | undefined, idle?: AbandonableRun[]): AbandonableRun {
    return new AbandonableRun(this.rules, call, givenMs, queue, idle);
  }

  protected override start(run: AbandonableRun, self: unknown, args: Args, onSuccess?: OnSuccess, onFailure?: OnFailure): Promise<unknown> {
    // The reactions are not handed down: a timer that serves many callers ends the run, and what reacts to that, be it the next
    // attempt or a fallback, must run in the asynchronous context of its own caller.
    run.begin(undefined, undefined);
    const answer = run.answer();
    void this.next.run(run.inner, self, args, run.succeed, run.fail);
    return reactedTo(answer, onSuccess, onFailure);
  }
}

/** Aborts the signal of a call that does not settle in time, and waits for it. */
export class CooperativeRunner extends TimeoutRunner<CooperativeRun> {
  protected override make(call: Call, givenMs: number, queue: TimerQueue | undefined, idle?: CooperativeRun[]): CooperativeRun {
    return new CooperativeRun(this.rules, call, givenMs, queue, idle);
  }

  protected override start(run: CooperativeRun, self: unknown, args: Args, onSuccess?: OnSuccess, onFailure?: OnFailure): Promise<unknown> {
    run.begin(onSuccess, onFailure);
    return this.next.run(run.inner, self, args, run.succeed, run.fail);
  }
}
