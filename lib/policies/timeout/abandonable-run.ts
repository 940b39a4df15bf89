import type { Call } from '../../core/call';
import type { OnFailure, OnSuccess } from '../../core/runner';
import type { TimerQueue } from '../../core/timer-queue';
import type { TimeoutRules } from './rules';
import { TimedRun } from './timed-run';

type Settle = (outcome: unknown) => void;

let resolveLast: Settle;
let rejectLast: Settle;
/** For the promise of every call, without a closure for each. */
const keep = (resolve: Settle, reject: Settle): void => {
  resolveLast = resolve;
  rejectLast = reject;
};

/** A run whose caller leaves when its time is up. What it gives later is dropped. */
export class AbandonableRun extends TimedRun {
  readonly promise = new Promise<unknown>(keep);
  private readonly resolve = resolveLast;
  private readonly reject = rejectLast;

  constructor(
    rules: TimeoutRules,
    call: Call,
    givenMs: number,
    queue: TimerQueue | undefined,
    private readonly onSuccess: OnSuccess | undefined,
    private readonly onFailure: OnFailure | undefined,
  ) {
    super(rules, call, givenMs, queue);
  }

  succeed(value: unknown): void {
    this.settle();
    if (this.isLeft) return;
    const { onSuccess } = this;
    if (onSuccess === undefined) {
      this.resolve(value);
      return;
    }
    try {
      this.resolve(onSuccess(value));
    } catch (thrown) {
      this.reject(thrown);
    }
  }

  fail(error: unknown): void {
    this.settle();
    if (!this.isLeft) this.#reject(error);
  }

  override expire(): void {
    super.expire();
    this.isLeft = true;
    this.#reject(this.reason);
  }

  private isLeft = false;

  #reject(error: unknown): void {
    const { onFailure } = this;
    if (onFailure === undefined) {
      this.reject(error);
      return;
    }
    try {
      this.resolve(onFailure(error));
    } catch (thrown) {
      this.reject(thrown);
    }
  }
}
