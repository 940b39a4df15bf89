import type { Call, Args } from '../core/call';
import type { Cancellation } from '../core/cancellation';
import type { Retried } from './nesting';

/** One call that is being tried again. */
export interface Retrying {
  readonly call: Call;
  readonly self: unknown;
  readonly args: Args;
  readonly cancellation: Cancellation | undefined;
  /** By the monotonic clock; 0 when no deadline asks. */
  readonly startedAtMs: number;
  /** It, as the calls inside it know it; made when it is needed. */
  retried?: Retried | undefined;
  /** How long it waited before its last retry. */
  previousMs?: number;
  /** How often in a row it found the circuit taken by others' probes, and how long it waited the last time. */
  timesTaken?: number;
  previousTakenMs?: number;
  /** What its last retry withdrew from the budget. */
  withdrawn?: number | undefined;
}
