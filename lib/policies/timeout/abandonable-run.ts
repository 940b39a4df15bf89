import type { OnFailure } from '../../core/runner';
import { TimedRun } from './timed-run';

/** Who waits for a run: his promise, until he has left. */
interface Caller {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** A run whose caller leaves when its time is up. What it gives later is dropped. */
export class AbandonableRun extends TimedRun {
  /** One object, for the collector must take note of whatever young thing is put into an old one, and a run that is used again is old. */
  private caller: Caller | undefined = undefined;

  /** What the caller gets. */
  answer(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.caller = { resolve, reject };
    });
  }

  readonly succeed = (value: unknown): void => {
    const { onSuccess, caller } = this;
    this.caller = undefined;
    this.settle();
    if (caller === undefined) return;
    if (onSuccess === undefined) caller.resolve(value);
    else react(onSuccess, value, caller);
  };

  readonly fail = (error: unknown): void => {
    const { onFailure, caller } = this;
    this.caller = undefined;
    this.settle();
    if (caller !== undefined) rejectBy(onFailure, error, caller);
  };

  override expire(): void {
    super.expire();
    const { onFailure, caller } = this;
    this.caller = undefined;
    // A layer inside may have left at once, as its signal told it.
    if (caller !== undefined) rejectBy(onFailure, this.reason, caller);
  }
}

/** Settles a caller's promise with what a reaction makes of an outcome. */
function react(reaction: (outcome: unknown) => unknown, outcome: unknown, { resolve, reject }: Caller): void {
  try {
    resolve(reaction(outcome));
  } catch (thrown) {
    reject(thrown);
  }
}

function rejectBy(onFailure: OnFailure | undefined, error: unknown, caller: Caller): void {
  if (onFailure === undefined) caller.reject(error);
  else react(onFailure, error, caller);
}
