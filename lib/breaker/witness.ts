import { shared } from '../core/shared';
import type { Breaker } from './breaker';
import type { BreakerState } from './events';

/** A change of state, as events tell it. */
export interface Entered {
  readonly from: BreakerState;
  readonly to: BreakerState;
  readonly reason: string;
}

/** Sees the breakers of the whole process, those of no registry too: for tests, where each starts with fresh ones. */
export interface Witness {
  made(breaker: Breaker): void;
  entered(breaker: Breaker, transition: Entered): void;
}

/** There is none, unless somebody tests. */
export const witness = shared<{ current: Witness | undefined }>('witness', () => ({ current: undefined }));
