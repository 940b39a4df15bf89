import type { Cancellation } from './cancellation';
import type { Clock } from './clock';
import { shared } from './shared';
import { sleep } from './timer';

/** A wait between two attempts of a call. */
export interface Pause {
  /** What waits: the same object for all calls of one retry. */
  readonly owner: object;
  readonly operation: string;
  readonly delayMs: number;
  readonly clock: Clock;
}

/** @returns When the wait is over; undefined when it is to take its time. */
type PassOver = (pause: Pause) => Promise<void> | undefined;

const watcher = shared<{ passOver: PassOver | undefined }>('pauses', () => ({ passOver: undefined }));

/** Lets somebody know of all waits between attempts, and pass over them, for good: a test does. */
export function watchPauses(watch: PassOver): void {
  watcher.passOver = watch;
}

/** {@link sleep}, between two attempts. */
export function pause(wait: Pause, cancellation: Cancellation | undefined): Promise<unknown> {
  const passed = watcher.passOver?.(wait);
  if (passed === undefined) return sleep(wait.delayMs, wait.clock, cancellation);
  return passed.then(() => {
    if (cancellation?.aborted === true) throw cancellation.reason;
  });
}
