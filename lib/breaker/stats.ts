import { describeThrown } from '../core/thrown';
import type { Breaker } from './breaker';

/** What a breaker has counted since it was made or reset. Its JSON has of `lastError` the name, message, code and status alone. */
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

/** What counts attempts: a breaker, or a counter. */
type Counting = Pick<Breaker, Exclude<keyof BreakerStats, 'calls' | 'failureRate' | 'slowRate' | 'consecutiveFailures'> | 'failureCount'> & {
  rates(): { failureRate: number; slowRate: number };
};

/** The statistics of now. */
export function statsOf(breaker: Counting): BreakerStats {
  const { successes, failures, ignored, rejected, late, slow, opens, openedAt, lastError, failureCount } = breaker;
  const counts = {
    calls: successes + failures + ignored,
    successes,
    failures,
    ignored,
    rejected,
    late,
    slow,
    ...breaker.rates(),
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
