import type { OnFailure } from '../../core/runner';
import { TimedRun } from './timed-run';

type Settle = (outcome: unknown) => void;

let resolveLast: Settle;
let rejectLast: Settle;
/** For the promises of all calls, without a closure for each. */
const keep = (resolve: Settle, reject: Settle): void => {
  resolveLast = resolve;
  rejectLast = reject;
};

/** A run whose caller leaves when its time is up. What it gives later is dropped. */
export class AbandonableRun extends TimedRun {
  /** Settle what the caller has got, until he has left. */
  private resolve: Settle | undefined = undefined;
  private reject: Settle | undefined = undefined;

  /** What the caller gets. */
  answer(): Promise<unknown> {
    const promise = new Promise<unknown>(keep);
    this.resolve = resolveLast;
    this.reject = rejectLast;
    return promise;
  }

  readonly succeed = (value: unknown): void => {
    const { onSuccess, resolve, reject } = this;
    this.resolve = this.reject = undefined;
    this.settle();
    if (resolve === undefined || reject === undefined) return;
    if (onSuccess === undefined) resolve(value);
    else react(onSuccess, value, resolve, reject);
  };

  readonly fail = (error: unknown): void => {
    const { onFailure, resolve, reject } = this;
    this.resolve = this.reject = undefined;
    this.settle();
    if (resolve !== undefined && reject !== undefined) rejectBy(onFailure, error, resolve, reject);
  };

  override expire(): void {
    super.expire();
    const { onFailure, resolve, reject } = this;
    this.resolve = this.reject = undefined;
    // A layer inside may have left at once, as its signal told it.
    if (resolve !== undefined && reject !== undefined) rejectBy(onFailure, this.reason, resolve, reject);
  }
}

/** Settles a promise with what a reaction makes of an outcome. */
function react(reaction: (outcome: unknown) => unknown, outcome: unknown, resolve: Settle, reject: Settle): void {
  try {
    resolve(reaction(outcome));
  } catch (thrown) {
    reject(thrown);
  }
}

function rejectBy(onFailure: OnFailure | undefined, error: unknown, resolve: Settle, reject: Settle): void {
  if (onFailure === undefined) reject(error);
  else react(onFailure, error, resolve, reject);
}
