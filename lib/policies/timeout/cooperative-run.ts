import type { OnFailure, OnSuccess } from '../../core/runner';
import { because } from './rules';
import { TimedRun } from './timed-run';

/** A run that is told by its signal when its time is up, and waited for. */
export class CooperativeRun extends TimedRun {
  private onSuccess: OnSuccess | undefined = undefined;
  private onFailure: OnFailure | undefined = undefined;

  /** Lets its time begin. */
  begin(onSuccess: OnSuccess | undefined, onFailure: OnFailure | undefined): void {
    this.onSuccess = onSuccess;
    this.onFailure = onFailure;
    this.beginTime();
  }

  readonly succeed = (value: unknown): unknown => {
    const { onSuccess } = this;
    this.settle();
    return onSuccess === undefined ? value : onSuccess(value);
  };

  readonly fail = (error: unknown): unknown => {
    const { onFailure } = this;
    const outcome = this.error === undefined ? error : because(this.error, error);
    this.settle();
    if (onFailure === undefined) throw outcome;
    return onFailure(outcome);
  };

  protected override settle(): void {
    this.onSuccess = this.onFailure = undefined;
    super.settle();
  }
}
