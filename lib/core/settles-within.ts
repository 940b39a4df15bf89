import type { Cancellation } from './cancellation';
import type { Clock } from './clock';
import { startTimer } from './timer';

/**
 * Waits until a promise has settled, for some time at most, and leaves no timer and no listener behind.
 *
 * @param limitMs - `Infinity`: as long as it takes.
 * @returns Whether it has settled in time.
 * @throws The cancellation's reason, as soon as it is cancelled.
 */
export function settlesWithin(limitMs: number, promise: Promise<unknown>, clock: Clock, cancellation?: Cancellation): Promise<boolean> {
  return new Promise((resolve, reject) => {
    if (cancellation?.aborted === true) {
      reject(cancellation.reason);
      return;
    }
    const leave = (): void => {
      cancelTimer?.();
      unsubscribe?.();
    };
    const end = (isInTime: boolean): void => {
      leave();
      resolve(isInTime);
    };
    const settled = (): void => {
      end(true);
    };
    const cancelTimer =
      limitMs === Infinity
        ? undefined
        : startTimer(clock, limitMs, () => {
            end(false);
          });
    const unsubscribe = cancellation?.subscribe(() => {
      leave();
      reject(cancellation.reason);
    });
    promise.then(settled, settled);
  });
}
