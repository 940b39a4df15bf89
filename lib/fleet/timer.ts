import type { Clock } from '../core/clock';
import { LONGEST_TIMER_MS } from '../core/timer';

interface Holdable {
  unref?: () => unknown;
}

/** A timer that can be started again: that replaces what it was for. */
export class Timer {
  #handle: unknown;

  /** @param holds - Whether it keeps the process alive. */
  constructor(
    private readonly clock: Clock,
    private readonly holds = false,
  ) {}

  get isRunning(): boolean {
    return this.#handle !== undefined;
  }

  /** @param delayMs - `Infinity`: never. */
  start(delayMs: number, fn: () => void): void {
    this.stop();
    if (delayMs === Infinity) return;
    const stepMs = Math.min(delayMs, LONGEST_TIMER_MS);
    this.#handle = this.clock.setTimeout(() => {
      this.#handle = undefined;
      if (stepMs < delayMs) this.start(delayMs - stepMs, fn);
      else fn();
    }, stepMs);
    if (!this.holds) (this.#handle as Holdable | undefined)?.unref?.();
  }

  stop(): void {
    if (this.#handle !== undefined) this.clock.clearTimeout(this.#handle);
    this.#handle = undefined;
  }
}
