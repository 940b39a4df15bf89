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
  /** Takes back what a permit holds. @returns Whether it held it still. */
  release(permit: OwnPermit): boolean;
  countSuccess(slow: boolean): void;
  countFailure(slow: boolean): void;
}
