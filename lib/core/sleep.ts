import type { Cancellation } from './cancellation';
import type { Clock } from './clock';
import { startTimer } from './timer';

/**
 * Waits, and leaves no timer and no listener behind, however it ends.
 *
 * @throws The cancellation's reason, as soon as it is cancelled.
 */
export function sleep(delayMs: number, clock: Clock, cancellation?: Cancellation): Promise<void> {
  return new Promise((resolve, reject) => {
    if (cancellation?.aborted === true) {
      reject(cancellation.reason);
      return;
    }
    const cancelTimer = startTimer(clock, delayMs, () => {
      unsubscribe?.();
      resolve();
    });
    const unsubscribe = cancellation?.subscribe(() => {
      cancelTimer();
      reject(cancellation.reason);
    });
  });
}
