import { dispose } from '../core/dispose';
import { Rejection } from '../core/rejection';
import type { OnFailure } from '../core/runner';
import { TimedRun } from './timed-run';

/** A run whose caller leaves when its time is up. What it gives later is dropped, and disposed of. */
export class AbandonableRun extends TimedRun {
  /** Resolves the promise of who waits for it, until he has left. */
  private resolve: Resolve | undefined = undefined;

  /**
   * What the caller gets. That it is rejected by a {@link Rejection}, and that a local takes the function, spares the engine making a second
   * function and a closure.
   */
  answer(): Promise<unknown> {
    let taken: Resolve | undefined;
    const answer = new Promise((resolve) => {
      taken = resolve;
    });
    this.resolve = taken;
    return answer;
  }

  readonly succeed = (value: unknown): void => {
    const { onSuccess, resolve } = this;
    this.resolve = undefined;
    this.settle();
    if (resolve === undefined) dispose(value);
    else resolve(onSuccess === undefined ? value : reaction(onSuccess, value));
  };

  readonly fail = (error: unknown): void => {
    const { onFailure, resolve } = this;
    this.resolve = undefined;
    this.settle();
    if (resolve !== undefined) resolve(failure(onFailure, error));
  };

  override expire(): void {
    super.expire();
    const { onFailure, resolve } = this;
    this.resolve = undefined;
    // A layer inside may have left at once, as its signal told it.
    if (resolve !== undefined) resolve(failure(onFailure, this.reason));
  }
}

type Resolve = (outcome: unknown) => void;

/** What a reaction makes of an outcome. */
function reaction(react: (outcome: unknown) => unknown, outcome: unknown): unknown {
  try {
    return react(outcome);
  } catch (thrown) {
    return new Rejection(thrown);
  }
}

function failure(onFailure: OnFailure | undefined, error: unknown): unknown {
  return onFailure === undefined ? new Rejection(error) : reaction(onFailure, error);
}
