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
