import { systemClock, wallTime, type Clock } from './clock';
import { shared } from './shared';

/** Time that the monotonic clock missed counts from here on, in milliseconds: less is how coarse wall clocks are, and how they are adjusted. */
const LEAST_FROZEN_MS = 1000;

/** As far as a `Date` reaches. A wall clock further ahead is broken, and would take all precision from the sum. */
const MOST_FROZEN_MS = 8.64e15;

/**
 * The time that states age by: open circuits, cached results, tokens, windows. Monotonic, as the clock itself, but it goes on while the
 * process is frozen (serverless, a suspended laptop): then the monotonic clock stands still, and the wall clock is ahead of it by more afterwards.
 *
 * What counts is how far ahead the wall clock has ever been, so one that steps back, or back and forth, changes nothing. A wall clock that is
 * set forward looks the same as a frozen process. Deadlines, timeouts and latencies go by {@link Clock.now}: they are about running code.
 *
 * Only the system's clock and clocks with a `wallTime` of their own can tell; for others this is the clock's own time.
 */
export class AgeClock {
  #frozenMs = 0;
  /** Wall time over monotonic time of a process that was never frozen. */
  #offsetMs = Number.NaN;
  /** The platform's monotonic clock at the last look. Fake timers that are installed or removed bring another, whose times are no continuation. */
  #monotonic: unknown;

  constructor(private readonly clock: Clock) {
    this.now();
  }

  /** The time now. Reads the wall clock too, and so notices that the process was frozen. */
  now(): number {
    const { clock } = this;
    const nowMs = clock.now();
    if (clock.wallTime !== undefined || clock === systemClock) this.#compare(wallTime(clock) - nowMs);
    return nowMs + this.#frozenMs;
  }

  /** The time now, for hot paths: reads one clock. Frozen time is in it once {@link now} has noticed it. */
  quickNow(): number {
    return this.clock.now() + this.#frozenMs;
  }

  #compare(offsetMs: number): void {
    if (performance.now !== this.#monotonic) {
      this.#monotonic = performance.now;
      this.#offsetMs = offsetMs - this.#frozenMs;
    }
    const frozenMs = offsetMs - this.#offsetMs;
    // Whole milliseconds: sums with a clock of whole milliseconds, as tests have, stay exact.
    if (frozenMs - this.#frozenMs > LEAST_FROZEN_MS && frozenMs < MOST_FROZEN_MS) this.#frozenMs = Math.ceil(frozenMs);
  }
}

const ages = shared('ages', () => new WeakMap<Clock, AgeClock>());

/** The time that states age by which go by `clock`: one for all of them, so that their times can be compared. */
export function ageClockOf(clock: Clock): AgeClock {
  let age = ages.get(clock);
  if (age === undefined) ages.set(clock, (age = new AgeClock(clock)));
  return age;
}

/** Lets states that go by the system's clock age by another one, for good, as `replaceSystemClock` does with the clock itself. */
export function replaceSystemAge(present: () => AgeClock): void {
  const age = ageClockOf(systemClock);
  age.now = () => present().now();
  age.quickNow = () => present().quickNow();
}
