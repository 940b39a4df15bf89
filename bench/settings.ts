/** What all contenders are given, so that they do the same work. */

/** The first included. */
export const ATTEMPTS = 3;
export const BASE_DELAY_MS = 1000;
export const TIMEOUT_MS = 2000;
export const MAX_CONCURRENT = 20;

/** Longer than any run of the benchmark: a circuit that was opened stays open. */
export const ONE_DAY_MS = 86_400_000;

/** Outcomes that a count window holds. */
export const WINDOW_SIZE = 100;
export const WINDOW_MS = 10_000;
