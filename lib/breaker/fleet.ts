import type { TransitionReason } from './events';
import type { FleetAct } from './override';

/**
 * What a breaker's machine tells to who shares its state with other processes. Nothing of a call that succeeds: a shared breaker costs
 * as much as any other.
 */
export interface Fleet {
  /** The machine has gone on to another state, which is committed. */
  entered(reason: TransitionReason): void;
  /** A failure has counted. */
  failed(): void;
  /**
   * Carries out an operator's act in all processes.
   *
   * @returns Settles when the store has done it, or cannot.
   */
  carryOut(act: FleetAct): Promise<void>;
}
