import { wallTime, type Clock } from '../core/clock';

interface ArmedTimer {
  readonly dueAtMs: number;
  readonly handle: unknown;
  readonly run: () => void;
  unref(): void;
}

/**
 * A clock whose overdue timers calls can run: in some runtimes, such as Cloudflare Workers, a timer ends with the request that armed it, and only the calls of
 * later requests can make up for it.
 */
export class CallDrivenClock implements Clock {
  readonly #timers = new Set<ArmedTimer>();
  /** No timer is due before. */
  #earliestMs = Infinity;

  constructor(private readonly clock: Clock) {}

  now(): number {
    return this.clock.now();
  }

  wallTime(): number {
    return wallTime(this.clock);
  }

  setTimeout(fn: () => void, ms: number): ArmedTimer {
    const run = (): void => {
      this.clearTimeout(timer);
      fn();
    };
    const handle = this.clock.setTimeout(run, ms);
    const timer: ArmedTimer = { dueAtMs: this.now() + ms, handle, run, unref: () => (handle as { unref?: () => void } | undefined)?.unref?.() };
    this.#timers.add(timer);
    this.#earliestMs = Math.min(this.#earliestMs, timer.dueAtMs);
    return timer;
  }

  clearTimeout(timer: unknown): void {
    this.clock.clearTimeout((timer as ArmedTimer).handle);
    this.#timers.delete(timer as ArmedTimer);
  }

  runOverdue(): void {
    const nowMs = this.now();
    if (nowMs < this.#earliestMs) return;
    const overdue = [...this.#timers].filter(({ dueAtMs }) => dueAtMs <= nowMs);
    // One may stop another.
    for (const timer of overdue) if (this.#timers.has(timer)) timer.run();
    this.#earliestMs = Math.min(Infinity, ...Array.from(this.#timers, ({ dueAtMs }) => dueAtMs));
  }
}
