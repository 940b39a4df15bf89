import type { OnFailure, OnSuccess } from '../../core/runner';
import { TimedRun } from './timed-run';

/** Who waits for a run: his promise, until he has left. */
interface Caller {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** What its outcome is turned into before the caller gets it. */
interface Reactions {
  readonly onSuccess: OnSuccess;
  readonly onFailure: OnFailure;
}

/** A run whose caller leaves when its time is up. What it gives later is dropped. */
export class AbandonableRun extends TimedRun {
  private reactions: Reactions | undefined = undefined;
  /** One object, for the collector must take note of whatever young thing is put into an old one, and a run that is used again is old. */
  private caller: Caller | undefined = undefined;

  /** Lets its time begin. */
  begin(reactions?: Reactions): void {
    this.reactions = reactions;
    this.beginTime();
  }

  /** What the caller gets. */
  answer(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.caller = { resolve, reject };
    });
  }

  readonly succeed = (value: unknown): void => {
    const { reactions, caller } = this;
    this.reactions = this.caller = undefined;
    this.settle();
    if (caller === undefined) return;
    if (reactions === undefined) caller.resolve(value);
    else react(reactions.onSuccess, value, caller);
  };

  readonly fail = (error: unknown): void => {
    const { reactions, caller } = this;
    this.reactions = this.caller = undefined;
    this.settle();
    if (caller !== undefined) rejectBy(reactions, error, caller);
  };

  override expire(): void {
    super.expire();
    const { reactions, caller } = this;
    this.reactions = this.caller = undefined;
    // A layer inside may have left at once, as its signal told it.
    if (caller !== undefined) rejectBy(reactions, this.reason, caller);
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

function rejectBy(reactions: Reactions | undefined, error: unknown, caller: Caller): void {
  if (reactions === undefined) caller.reject(error);
  else react(reactions.onFailure, error, caller);
}
