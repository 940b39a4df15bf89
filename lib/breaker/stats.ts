import { describeThrown } from '../core/safe-inspect';
import type { Breaker } from './breaker';
import type { TripStats } from './trip-rules';

/** The statistics of a breaker since it was made or reset. Their JSON has of `lastError` the name, message, code and status alone. */
export interface BreakerStats {
  /** Attempts admitted that counted: successes + failures + ignored. */
  readonly calls: number;
  readonly successes: number;
  readonly failures: number;
  readonly ignored: number;
  /** Attempts not admitted. */
  readonly rejected: number;
  /** Results that came when the state that admitted them was over; they count here alone. */
  readonly late: number;
  /** Calls longer than `slowCallDuration`. */
  readonly slow: number;
  /** Share of failures in the window; without one, in the closed period. 0 when empty. */
  readonly failureRate: number;
  readonly slowRate: number;
  readonly consecutiveFailures: number;
  /** How often the circuit opened. */
  readonly opens: number;
  /** When it opened, in epoch milliseconds; undefined while it is closed. */
  readonly openedAt: number | undefined;
  /** The last failure, until the circuit has closed again. Not enumerable: an error of a client may carry credentials. */
  readonly lastError: unknown;
}

/** A breaker or a counter, as its statistics need it. */
type Counting = Pick<Breaker, Exclude<keyof BreakerStats, 'calls' | 'failureRate' | 'slowRate' | 'consecutiveFailures'> | 'failureCount'>;

/** The statistics of now. @param outcomes - What its rates are computed from. */
export function statsOf(breaker: Counting, outcomes: TripStats): BreakerStats {
  const { successes, failures, ignored, rejected, late, slow, opens, openedAt, lastError, failureCount } = breaker;
  const counts = {
    calls: successes + failures + ignored,
    successes,
    failures,
    ignored,
    rejected,
    late,
    slow,
    // 0 when there were no calls.
    failureRate: outcomes.failures / outcomes.calls || 0,
    slowRate: outcomes.slow / outcomes.calls || 0,
    consecutiveFailures: failureCount,
    opens,
    openedAt,
  };
  const stats = Object.defineProperties(counts, { lastError: { value: lastError }, toJSON: { value: () => statsJson(stats) } }) as BreakerStats;
  return stats;
}

/** Statistics without the last failure itself, which may hold credentials: what JSON and `console.log` show. */
export function statsJson(stats: BreakerStats): object {
  const { lastError } = stats;
  return { ...stats, ...(lastError !== undefined && { lastError: describeThrown(lastError) }) };
}
