import type { Clock } from '../../../lib';
import { reactions } from '../../support/timer-clock';

interface Timer {
  readonly dueAtMs: number;
  fire: (() => void) | undefined;
}

/** Virtual time for a hundred thousand timers: they stand in the order of their times, and those of one time fire together. */
export class SimulationClock implements Clock {
  #nowMs = 0;
  readonly #timers: Timer[] = [];

  readonly now = (): number => this.#nowMs;

  readonly wallTime = (): number => this.#nowMs;

  setTimeout(fire: () => void, delayMs: number): Timer {
    const timer = { dueAtMs: this.#nowMs + delayMs, fire };
    let [from, to] = [0, this.#timers.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (this.#timers[middle]!.dueAtMs <= timer.dueAtMs) from = middle + 1;
      else to = middle;
    }
    this.#timers.splice(from, 0, timer);
    return timer;
  }

  clearTimeout(timer: unknown): void {
    (timer as Timer).fire = undefined;
  }

  async advance(durationMs: number): Promise<void> {
    const untilMs = this.#nowMs + durationMs;
    await reactions();
    while (this.#timers.length > 0 && this.#timers[0]!.dueAtMs <= untilMs) {
      this.#nowMs = this.#timers[0]!.dueAtMs;
      while (this.#timers[0]?.dueAtMs === this.#nowMs) this.#timers.shift()!.fire?.();
      await reactions();
    }
    this.#nowMs = untilMs;
  }
}
