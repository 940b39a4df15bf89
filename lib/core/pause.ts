import type { Cancellation } from './cancellation';
import { hooks, type Pause } from './hooks';
import { sleep } from './timer';

/** {@link sleep}, between two attempts. */
export function pause(wait: Pause, cancellation: Cancellation | undefined): Promise<unknown> {
  const skipped = hooks.pause?.(wait);
  if (skipped === undefined) return sleep(wait.delayMs, wait.clock, cancellation);
  return skipped.then(() => {
    if (cancellation?.aborted === true) throw cancellation.reason;
  });
}
