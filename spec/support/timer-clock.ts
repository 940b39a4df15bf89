import type { Clock } from '../../lib';

interface Timer {
  readonly dueAtMs: number;
  readonly fire: () => void;
}

/** Time that stands still until it is moved. Timers fire in the order of their times, as it passes them. */
export class TimerClock implements Clock {
  /** Every delay that was ever asked for, in order. */
  readonly delays: number[] = [];
  readonly #timers = new Map<number, Timer>();
  #nowMs = 0;
  #lastHandle = 0;

  /** @param epochMs - The wall time at the start. */
  constructor(private readonly epochMs = 1_700_000_000_000) {}

  /** Timers that are armed. */
  get armed(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#nowMs;
  }

  wallTime(): number {
    return this.epochMs + this.#nowMs;
  }

  setTimeout(fire: () => void, delayMs: number): number {
    this.delays.push(delayMs);
    this.#timers.set(++this.#lastHandle, { dueAtMs: this.#nowMs + delayMs, fire });
    return this.#lastHandle;
  }

  clearTimeout(handle: unknown): void {
    this.#timers.delete(handle as number);
  }

  /** Moves time on, and lets everything happen that is due by then. */
  async advance(durationMs: number): Promise<void> {
    const untilMs = this.#nowMs + durationMs;
    await reactions();
    for (let next = this.#next(untilMs); next !== undefined; next = this.#next(untilMs)) {
      await this.#fire(next);
    }
    this.#nowMs = untilMs;
  }

  /** Moves time on until `promise` has settled. */
  async until<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const settle = (): void => {
      settled = true;
    };
    promise.then(settle, settle);
    await reactions();
    for (let next = this.#next(Infinity); !settled && next !== undefined; next = this.#next(Infinity)) {
      await this.#fire(next);
    }
    return promise;
  }

  async #fire(handle: number): Promise<void> {
    const { dueAtMs, fire } = this.#timers.get(handle)!;
    this.#timers.delete(handle);
    this.#nowMs = Math.max(this.#nowMs, dueAtMs);
    fire();
    await reactions();
  }

  /** The timer that is due first, if that is by `untilMs`. */
  #next(untilMs: number): number | undefined {
    const due = [...this.#timers].filter(([, { dueAtMs }]) => dueAtMs <= untilMs);
    return due.sort(([, one], [, other]) => one.dueAtMs - other.dueAtMs)[0]?.[0];
  }
}

/** Until all promise reactions that are due have run. */
export function reactions(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
