import type { Outcome } from './outcome';

/** Why the function runs: for the first time in its call, again, as a probe of a half-open circuit, or beside a slow run. */
export type AttemptKind = 'first' | 'retry' | 'probe' | 'hedge';

/** What the breaker made of a call, the same for all its attempts. */
export interface CallResult {
  /** What its last attempt counted as. Undefined when none counted, or when something else stands in for its result. */
  counted?: Outcome | 'late' | undefined;
  /** The state that its last attempt, or its rejection, left the breaker in. Undefined when it did not come to one. */
  state?: 'closed' | 'open' | 'half_open' | undefined;
}

/** What is kept of a call that somebody watches. */
export class CallRecord {
  /**
   * @param id - Numbers the call within its process, the same for all its attempts.
   * @param special - Why the attempt runs, when its number does not say.
   */
  constructor(
    readonly id: number,
    readonly verdict: CallResult = {},
    readonly special?: 'probe' | 'hedge',
  ) {}

  /** The same call's, of an attempt for a reason of its own. The innermost policy that has one wins. */
  as(special: 'probe' | 'hedge'): CallRecord {
    return new CallRecord(this.id, this.verdict, special);
  }

  counted(outcome: Outcome | 'late', state: CallResult['state']): void {
    const { verdict } = this;
    verdict.state = state;
    // The runs that lost to a hedge's winner are aborted when its success has counted.
    if (outcome !== 'ignored' || verdict.counted !== 'success') verdict.counted = outcome;
  }
}
