import { passedOn } from '../core/rejection';
import { because } from './rules';
import { TimedRun } from './timed-run';

/** A run that is told by its signal when its time is up, and waited for. */
export class CooperativeRun extends TimedRun {
  readonly succeed = (value: unknown): unknown => {
    const { onSuccess } = this;
    this.settle();
    return onSuccess === undefined ? value : onSuccess(value);
  };

  readonly fail = (error: unknown): unknown => {
    const { onFailure } = this;
    const outcome = this.error === undefined ? error : because(this.error, error);
    this.settle();
    return passedOn(outcome, onFailure);
  };
}
