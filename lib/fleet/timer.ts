import type { Clock } from '../core/clock';
import { LONGEST_TIMER_MS } from '../core/timer';

/** A timer later than this was lost: one that is only late, after a stall of the process, has its turn after what has arrived meanwhile. */
const LOST_AFTER_MS = 100;

/** A timer that can be started again: that replaces what it was for. */
export class Timer {
  #handle: unknown;
  #dueAtMs = Infinity;
  #fn: () => void = () => undefined;

  /** @param holds - Whether it keeps the process alive. */
  constructor(
    private readonly timers: Timers,
    private readonly holds = false,
  ) {}

  get isRunning(): boolean {
    return this.#dueAtMs !== Infinity;
  }

  /** @param delayMs - `Infinity`: never. */
  start(delayMs: number, fn: () => void): void {
    this.stop();
    if (delayMs === Infinity) return;
    this.#fn = fn;
    this.#dueAtMs = this.timers.clock.now() + delayMs;
    this.timers.running.add(this);
    this.#arm(delayMs);
  }

  stop(): void {
    if (this.#handle !== undefined) this.timers.clock.clearTimeout(this.#handle);
    this.#handle = undefined;
    this.#dueAtMs = Infinity;
    this.timers.running.delete(this);
  }

  catchUp(nowMs: number): void {
    if (nowMs >= this.#dueAtMs + LOST_AFTER_MS) this.#fire();
  }

  #arm(delayMs: number): void {
    const stepMs = Math.min(delayMs, LONGEST_TIMER_MS);
    this.#handle = this.timers.clock.setTimeout(() => {
      if (stepMs < delayMs) this.#arm(delayMs - stepMs);
      else this.#fire();
    }, stepMs);
    if (!this.holds) (this.#handle as { unref?: () => void } | undefined)?.unref?.();
  }

  #fire(): void {
    this.stop();
    this.#fn();
  }
}

/** The timers of a fleet. */
export class Timers {
  readonly running = new Set<Timer>();

  constructor(readonly clock: Clock) {}

  /**
   * Does what is overdue: in some runtimes, such as Cloudflare Workers, a timer ends with the request that armed it, and only the calls of later requests can
   * make up for it.
   */
  catchUp(): void {
    const nowMs = this.clock.now();
    for (const timer of [...this.running]) timer.catchUp(nowMs);
  }
}
