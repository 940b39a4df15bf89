import type { Outcome } from '../core/outcome';
import type { Admission, Attempt, OwnPermit } from './admission';
import type { BreakerState } from './events';

/**
 * One generation of a breaker's state: each transition and each reset makes a new one. An admitted attempt keeps the
 * epoch it was admitted in, and a result whose epoch is no longer the breaker's current one is *late*: it changes nothing.
 */
export interface Epoch {
  readonly state: BreakerState;
  /** Grows with every epoch of a breaker. */
  readonly number: number;
  /** Admits an attempt; undefined when it must be rejected. */
  admit(attempt: Attempt): Admission | undefined;
  /** Admits an attempt with a permit of its own, which may also be taken by hand. */
  permit(attempt?: Attempt): OwnPermit | undefined;
  /**
   * Admits an attempt that waits a little for it: a probe whose slot others have to give.
   *
   * @returns Undefined at once when the attempt is not to wait; later, when there is no slot for it.
   */
  permitLater?(attempt: Attempt): Promise<OwnPermit | undefined> | undefined;
  /** Takes back what a permit holds, whose attempt has ended. @returns Whether the result counts in this epoch. */
  release(permit: OwnPermit, outcome: Outcome): boolean;
  countSuccess(slow: boolean): void;
  countFailure(slow: boolean): void;
}
