import type { Clock } from './clock';

/** When a call must have ended. It knows its clock, for the operations of one call may have different ones. */
export interface Deadline {
  /** By the clock's monotonic time; `Infinity` once the work that had the deadline has settled. */
  readonly atMs: number;
  readonly clock: Clock;
}

/** Milliseconds that are left; 0 or less when it has passed. `Infinity` without one. */
export function remainingMs(deadline: Deadline | undefined): number {
  return deadline === undefined ? Infinity : deadline.atMs - deadline.clock.now();
}
