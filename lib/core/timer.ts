import type { Cancellation } from './cancellation';
import type { Clock } from './clock';
import { hooks, type Pause } from './hooks';

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

/** A wait that somebody else ends: for a turn in a queue. */
export interface Turn<T> {
  readonly promise: Promise<T>;
  readonly end: (outcome: T) => void;
}

/** How often a waiter looks whether its wait is over, where it must look. */
const POLL_MS = 10;

/**
 * Whether promises and timers belong to a request, as in Cloudflare Workers: what another request settles is never seen, and a timer goes
 * with the request that armed it.
 */
export function isTiedToRequests(): boolean {
  return (globalThis as { navigator?: { userAgent?: unknown } }).navigator?.userAgent === 'Cloudflare-Workers';
}

/**
 * Begins a wait. Where promises belong to a request, each waiter looks by a timer of its own whether its wait is over.
 *
 * @param look - Called before each look: ends the waits that are over by the clock.
 */
export function beginTurn<T>(clock: Clock, look?: () => void): Turn<T> {
  return isTiedToRequests() ? polled(clock, look) : settled();
}

function settled<T>(): Turn<T> {
  let end!: (outcome: T) => void;
  const promise = new Promise<T>((resolve) => {
    end = resolve;
  });
  return { promise, end };
}

function polled<T>(clock: Clock, look: (() => void) | undefined): Turn<T> {
  let ended: { readonly outcome: T } | undefined;
  const promise = new Promise<T>((resolve) => {
    const poll = (): void => {
      look?.();
      if (ended === undefined) clock.setTimeout(poll, POLL_MS);
      else resolve(ended.outcome);
    };
    clock.setTimeout(poll, POLL_MS);
  });
  return {
    promise,
    end(outcome) {
      ended ??= { outcome };
    },
  };
}

/** {@link sleep}, between two attempts. */
export function pause(wait: Pause, cancellation: Cancellation | undefined): Promise<unknown> {
  const skipped = hooks.pause?.(wait);
  if (skipped === undefined) return sleep(wait.delayMs, wait.clock, cancellation);
  return skipped.then(() => {
    if (cancellation?.aborted === true) throw cancellation.reason;
  });
}
