import type { Clock } from './clock';

/** The longest wait a timer of the platform takes; a longer one would fire at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

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
