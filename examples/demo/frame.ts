import type { Breaker, BreakerRegistry, Counter } from 'breaker-box';
import type { Progress } from './job';
import type { Entry } from './journal';
import { lastFailureOf } from './last-failure';

/** All that one picture of the demo shows, as plain data. */
export interface Frame {
  readonly source: string;
  readonly elapsedMs: number;
  readonly rows: readonly Row[];
  readonly progress: Readonly<Progress>;
  readonly entries: readonly Entry[];
}

export interface Row {
  readonly operation: string;
  readonly state: 'closed' | 'open' | 'half_open';
  /** Calls that went through to the server. */
  readonly calls: number;
  readonly failures: number;
  readonly rejected: number;
  readonly opens: number;
  readonly retryAfterMs: number;
  readonly lastFailure: string;
}

export function rowsOf(registry: BreakerRegistry): Row[] {
  return Array.from(registry, ([operation, breaker]) => rowOf(operation, breaker));
}

function rowOf(operation: string, breaker: Breaker | Counter): Row {
  const { state, stats, retryAfter } = breaker;
  const { failures, rejected, opens } = stats;
  // Late results are none of the breaker's outcomes any more, but the calls were made.
  const calls = stats.calls + stats.late;
  return { operation, state, calls, failures, rejected, opens, retryAfterMs: retryAfter, lastFailure: lastFailureOf(breaker) };
}
