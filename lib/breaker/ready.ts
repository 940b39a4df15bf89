import { SignalCancellation } from '../core/cancellation';
import { startTimer } from '../core/timer';
import type { Breaker } from './breaker';
import { checkExecution } from './execute';

export interface ReadyOptions {
  /** Ends the wait: it rejects with the signal's reason. @defaultValue none */
  signal?: AbortSignal | undefined;
}

/** Resolves when a call through the breaker would be admitted. One who waits asks again after each change of the breaker, and when a time has passed. */
export function whenReady(breaker: Breaker, options: ReadyOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    checkExecution('ready', breaker.name, whenReady, options);
    const waiters = (breaker.waiters ??= new Set());
    const cancellation = options.signal && SignalCancellation.of(options.signal);
    let stopTimer: (() => void) | undefined;
    const ask = (): void => {
      stopTimer?.();
      const isAborted = cancellation?.aborted === true;
      const waitMs = isAborted ? 0 : claim(breaker);
      if (waitMs > 0) {
        // Without an end in sight, a change of the breaker or the signal ends it.
        stopTimer = waitMs === Infinity ? undefined : startTimer(breaker.clock, waitMs, ask);
        return;
      }
      waiters.delete(ask);
      unsubscribe?.();
      if (isAborted) reject(cancellation.reason);
      else resolve();
    };
    const unsubscribe = cancellation?.subscribe(ask);
    waiters.add(ask);
    ask();
  });
}

/** The operation of a breaker has it no more: who waits for it goes on, to a call that another breaker decides about. */
export function drop(breaker: Breaker): void {
  breaker.isDropped = true;
  breaker.wake();
}

/**
 * A slot that is promised to one who goes on is not given to the next, until its probe begins, or `probeTimeout` has passed.
 *
 * @returns 0 when a call would be admitted; else the milliseconds until it may be.
 */
function claim(breaker: Breaker): number {
  if (breaker.isDropped) return 0;
  const blockedMs = breaker.blockedMs();
  const { current, options, override } = breaker;
  if (blockedMs > 0 || override !== undefined || current.kind === 'closed') return blockedMs;
  const nowMs = breaker.now();
  const promised = (breaker.promised = breaker.promised?.filter((untilMs) => untilMs > nowMs) ?? []);
  const taken = [...promised, ...(current.takenUntil?.(nowMs) ?? [])];
  if (taken.length >= options.halfOpen.maxCalls) return Math.min(...taken) - nowMs;
  promised.push(nowMs + breaker.settings.probeTimeout);
  return 0;
}
