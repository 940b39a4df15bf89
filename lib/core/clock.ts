import { shared } from './shared';

/**
 * Where time comes from. Every policy takes one, so that tests can own time.
 */
export interface Clock {
  /** Monotonic milliseconds, from any origin. Wall-clock jumps must not show in it. It may stand still while the process is frozen. */
  now(): number;
  /** Runs `fn` once after `ms` milliseconds and returns a handle for {@link Clock.clearTimeout}. */
  setTimeout(fn: () => void, ms: number): unknown;
  clearTimeout(handle: unknown): void;
  /**
   * Epoch milliseconds, for snapshots, event times and HTTP dates. By it, a clock tells frozen time: when it has got ahead of `now` by more than a
   * second, open circuits, cached results and other states have aged by that. @defaultValue `Date.now`, and no frozen time
   */
  wallTime?(): number;
}

/**
 * The system's clock. Globals are looked up at call time: fake timers that a test installs
 * after this module was imported are honoured. One for all copies of the package, so that a test kit reaches them all.
 */
export const systemClock = shared<Clock>('clock', () => ({
  now: () => performance.now(),
  // A timer of the platform cuts the fraction off, and would fire before its time.
  setTimeout: (fn, ms) => setTimeout(fn, Math.ceil(ms)),
  clearTimeout: (handle) => {
    clearTimeout(handle as ReturnType<typeof setTimeout>);
  },
}));

/** Epoch milliseconds by `clock`. */
export function wallTime(clock: Clock): number {
  return clock.wallTime === undefined ? Date.now() : clock.wallTime();
}

/** A smaller gap is noise: wall clocks are coarse, and NTP adjusts them in small steps. */
const LEAST_GAP_MS = 1000;

/** How long one comparison serves. An open circuit rejects several calls in that time, and each would pay for reading a second clock. */
const BURST_MS = 0.005;

/** The range of `Date`. A wall clock further ahead is broken, and adding it would cost all precision. */
const MOST_FROZEN_MS = 8.64e15;

/**
 * The time that states age by: open circuits, cached results, tokens, windows. It is monotonic time plus frozen time. While a process is
 * frozen (serverless, a suspended laptop), its monotonic clock stands still and the wall clock goes on; afterwards there is a gap.
 *
 * Frozen time is the largest gap ever seen, so a wall clock that steps back, or back and forth, changes nothing. A wall clock that is set
 * forward looks like a frozen process. Deadlines, timeouts and latencies use {@link Clock.now}, because they measure running code.
 *
 * Only the system's clock and clocks with a `wallTime` of their own can tell. For other clocks this is `now`.
 */
export class AgeClock {
  #frozenMs = 0;
  /** Wall time minus monotonic time, while nothing was frozen. */
  #offsetMs = Number.NaN;
  /** When both clocks were last compared, by the monotonic one. */
  #comparedAtMs = Number.NaN;
  /** The platform's monotonic clock at the last comparison. Fake timers replace it by one with another origin. */
  #monotonic: unknown;

  constructor(private readonly clock: Clock) {
    this.now();
  }

  /** Reads both clocks, and so notices frozen time; in a burst of calls, one reading of the wall clock serves several. */
  now(): number {
    const { clock } = this;
    const nowMs = clock.now();
    const sinceMs = nowMs - this.#comparedAtMs;
    // A clock that has not moved at all is compared: it may have been stopped, or be one that only a test moves.
    if (!(sinceMs > 0 && sinceMs < BURST_MS)) this.#compare(nowMs);
    return nowMs + this.#frozenMs;
  }

  /** For hot paths: reads one clock. It contains the frozen time that {@link now} has noticed. */
  quickNow(): number {
    return this.clock.now() + this.#frozenMs;
  }

  #compare(nowMs: number): void {
    this.#comparedAtMs = nowMs;
    const { clock } = this;
    // Asked each time: a test kit gives the system's clock a wall time later.
    if (clock.wallTime === undefined && clock !== systemClock) return;
    const offsetMs = wallTime(clock) - nowMs;
    if (performance.now !== this.#monotonic) {
      this.#monotonic = performance.now;
      this.#offsetMs = offsetMs - this.#frozenMs;
    }
    const frozenMs = offsetMs - this.#offsetMs;
    // Whole milliseconds, so that sums stay exact with fake timers, which count whole milliseconds.
    if (frozenMs - this.#frozenMs > LEAST_GAP_MS && frozenMs < MOST_FROZEN_MS) this.#frozenMs = Math.ceil(frozenMs);
  }
}

const ages = shared('ages', () => new WeakMap<Clock, AgeClock>());

/** The age clock of `clock`. All states on one clock share it, so that their times can be compared. */
export function ageClockOf(clock: Clock): AgeClock {
  let age = ages.get(clock);
  if (age === undefined) ages.set(clock, (age = new AgeClock(clock)));
  return age;
}
