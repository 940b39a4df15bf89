import type { Clock } from '../../../lib';

interface Timer {
  readonly dueAt: number;
  readonly fn: () => void;
}

/** Time that moves when told to, and remembers which waits were asked for. */
export class TestClock implements Clock {
  readonly waits: number[] = [];
  #now = 0;
  #handles = 0;
  readonly #timers = new Map<number, Timer>();

  /** @param passing - Whether it moves by itself to the end of each wait. */
  constructor(private readonly passing = true) {}

  now(): number {
    return this.#now;
  }

  wallTime(): number {
    return Date.UTC(2026, 0, 31) + this.#now;
  }

  /** Timers that were neither fired nor cleared. */
  get pending(): number {
    return this.#timers.size;
  }

  setTimeout(fn: () => void, ms: number): number {
    const handle = ++this.#handles;
    this.waits.push(ms);
    this.#timers.set(handle, { dueAt: this.#now + ms, fn });
    if (this.passing) setImmediate(() => this.#fire(handle));
    return handle;
  }

  clearTimeout(handle: unknown): void {
    this.#timers.delete(handle as number);
  }

  advance(ms: number): void {
    this.#now += ms;
    for (const [handle, { dueAt }] of [...this.#timers]) {
      if (dueAt <= this.#now) this.#fire(handle);
    }
  }

  #fire(handle: number): void {
    const timer = this.#timers.get(handle);
    if (timer === undefined) return;
    this.#timers.delete(handle);
    this.#now = Math.max(this.#now, timer.dueAt);
    timer.fn();
  }
}
