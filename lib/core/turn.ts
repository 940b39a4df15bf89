import type { Clock } from './clock';

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
