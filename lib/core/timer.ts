import type { Cancellation } from './cancellation';
import type { Clock } from './clock';

/** The longest wait a timer of the platform takes; a longer one would fire at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A timer that is later than this was held up: the event loop was blocked, or what armed the timer is gone. */
export const STALL_MS = 10;

/**
 * Runs `fn` after a full turn of the event loop. Twice `setImmediate`: a loop that stalled in one of them runs its timers before it reads its sockets.
 */
export function fullTurn(fn: () => void): void {
  const later: (fn: () => void) => unknown = typeof setImmediate === 'function' ? setImmediate : setTimeout;
  later(() => later(fn));
}

/**
 * Runs `fn` after `delayMs`, however long that is: waits beyond the platform's longest timer are chained.
 *
 * @returns A function that cancels it.
 */
export function startTimer(clock: Clock, delayMs: number, fn: () => void): () => void {
  let remainingMs = delayMs;
  let handle: unknown;
  const arm = (): void => {
    const stepMs = Math.min(remainingMs, LONGEST_TIMER_MS);
    remainingMs -= stepMs;
    handle = clock.setTimeout(remainingMs > 0 ? arm : fn, stepMs);
  };
  arm();
  return () => {
    clock.clearTimeout(handle);
  };
}

/**
 * Waits, and leaves no timer and no listener behind, however it ends.
 *
 * @throws The cancellation's reason, as soon as it is cancelled.
 */
export function sleep(delayMs: number, clock: Clock, cancellation?: Cancellation): Promise<unknown> {
  return settlesWithin(delayMs, undefined, clock, cancellation);
}

/**
 * Waits until a promise has settled, for some time at most, and leaves no timer and no listener behind.
 *
 * @param limitMs - `Infinity`: as long as it takes.
 * @returns Whether it has settled in time.
 * @throws The cancellation's reason, as soon as it is cancelled.
 */
export function settlesWithin(limitMs: number, promise: Promise<unknown> | undefined, clock: Clock, cancellation?: Cancellation): Promise<boolean> {
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
    const settled = (): void => { end(true); };
    const cancelTimer = limitMs === Infinity ? undefined : startTimer(clock, limitMs, () => { end(false); });
    const unsubscribe = cancellation?.subscribe(() => {
      leave();
      reject(cancellation.reason);
    });
    promise?.then(settled, settled);
  });
}
