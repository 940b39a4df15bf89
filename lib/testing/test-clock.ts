import { wallTime, type Clock } from '../core/clock';
import { inPresentContext } from '../core/platform';
import { propertyOf } from '../core/safe-inspect';
import { settled } from './settled';

const TIMER: unique symbol = Symbol.for('breaker-box.test-timer') as never;

/** A timer that is armed. */
class Timer {
  /** Told by this: it may be of the kit of another copy of the package. */
  readonly [TIMER] = true;
  /** That of the clock beneath. */
  handle: unknown;

  constructor(
    readonly disarm: () => void,
    readonly dueMs: number,
    readonly fn: () => void,
  ) {}
}

function isTimer(handle: unknown): handle is Timer {
  return propertyOf(handle, TIMER) === true;
}

/** A clock whose time can be moved on. Besides, its time passes as that of the clock beneath it. */
export class TestClock implements Required<Clock> {
  readonly #beneath: Clock;
  readonly #timers = new Set<Timer>();
  #skippedMs = 0;
  /** The time while it is moved on: what passes by itself meanwhile would let timers miss their turn by that much. */
  #movedMs: number | undefined;
  /** How many move it on. */
  #movers = 0;

  constructor(beneath: Clock) {
    this.#beneath = beneath;
  }

  /** How long it is until each armed timer fires, the next first; those of a test before are not counted. */
  get armed(): number[] {
    const nowMs = this.now();
    return Array.from(this.#timers, ({ dueMs }) => Math.max(0, dueMs - nowMs)).sort((one, other) => one - other);
  }

  now(): number {
    return this.#movedMs ?? this.#beneath.now() + this.#skippedMs;
  }

  wallTime(): number {
    return wallTime(this.#beneath) + this.now() - this.#beneath.now();
  }

  setTimeout(fn: () => void, delayMs: number): unknown {
    const disarm = (): void => {
      this.#disarm(timer);
    };
    const timer: Timer = new Timer(disarm, this.now() + delayMs, inPresentContext(fn));
    timer.handle = this.#beneath.setTimeout(() => {
      this.#timers.delete(timer);
      timer.fn();
    }, delayMs);
    this.#timers.add(timer);
    return timer;
  }

  /** Whichever clock has armed it: this one, that of another run, or the one beneath, before this one was there. */
  clearTimeout(handle: unknown): void {
    if (isTimer(handle)) handle.disarm();
    else this.#beneath.clearTimeout(handle);
  }

  /** Passes over a time, in which no timer fires: those that are due then do when time is moved on again. */
  skip(durationMs: number): void {
    this.#skipTo(this.now() + durationMs);
  }

  /** Moves time on. All that is due by then happens, in the order of its time, and all that follows from it. */
  async advance(durationMs: number): Promise<void> {
    const fromMs = (this.#movedMs = this.now());
    const untilMs = fromMs + durationMs;
    this.#movers++;
    try {
      await settled();
      for (let next = this.#dueBy(untilMs); next !== undefined; next = this.#dueBy(untilMs)) {
        this.#skipTo(next.dueMs);
        this.#disarm(next);
        next.fn();
        await settled();
      }
      this.#skipTo(untilMs);
    } finally {
      if (--this.#movers === 0) this.#goOnFrom(this.now());
    }
  }

  /** Leaves the timers that are armed to the clock beneath: they are those of a test that is over. */
  release(): void {
    this.#timers.clear();
  }

  #disarm(timer: Timer): void {
    this.#timers.delete(timer);
    this.#beneath.clearTimeout(timer.handle);
  }

  #skipTo(timeMs: number): void {
    const laterMs = Math.max(timeMs, this.now());
    if (this.#movedMs === undefined) this.#goOnFrom(laterMs);
    else this.#movedMs = laterMs;
  }

  /** Lets time pass by itself again. */
  #goOnFrom(timeMs: number): void {
    this.#movedMs = undefined;
    this.#skippedMs = timeMs - this.#beneath.now();
  }

  #dueBy(untilMs: number): Timer | undefined {
    const due = [...this.#timers].filter(({ dueMs }) => dueMs <= untilMs + ROUNDING_MS);
    return due.sort((one, other) => one.dueMs - other.dueMs)[0];
  }
}

/** Sums of fractions of milliseconds, in another order, are not the same to the last bit. */
const ROUNDING_MS = 1e-6;

/** A time that does not pass by itself, and begins at 0. @param epochMs - The wall time at its beginning. */
export function standingStill(epochMs: number): Required<Clock> {
  return { now: () => 0, setTimeout: () => undefined, clearTimeout: () => undefined, wallTime: () => epochMs };
}
