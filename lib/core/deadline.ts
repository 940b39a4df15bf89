import type { Clock } from './clock';

/** When a call must have ended. It knows its clock, for the operations of one call may have different ones. */
export interface Deadline {
  /** By the clock's monotonic time; `Infinity` once the work that had the deadline has settled. */
  readonly atMs: number;
  readonly clock: Clock;
  /** The operation whose timeout it is; absent for one that never comes. */
  readonly operation?: string;
}

/** Milliseconds that are left; 0 or less when it has passed. `Infinity` without one. */
export function remainingMs(deadline: Deadline | undefined): number {
  if (deadline === undefined) return Infinity;
  // Not for `Infinity`, which needs no clock.
  const { atMs } = deadline;
  return atMs === Infinity ? Infinity : atMs - deadline.clock.now();
}
