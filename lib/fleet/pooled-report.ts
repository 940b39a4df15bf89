import type { Breaker } from '../breaker/breaker';
import { FOREVER, type Counts, type Limits } from './shared-store';

interface Totals {
  readonly calls: number;
  readonly failures: number;
  readonly slow: number;
}

/** What a breaker has counted since it was last reported. */
export class PooledReport {
  #told: Totals;

  constructor(private readonly breaker: Breaker) {
    this.#told = totals(breaker);
  }

  /** Undefined when there is nothing new. */
  get counts(): Counts | undefined {
    const now = totals(this.breaker);
    const told = now.calls < this.#told.calls ? NONE : this.#told; // its statistics were reset
    const calls = now.calls - told.calls;
    if (calls <= 0) return undefined;
    const failures = now.failures - told.failures;
    return { calls, failures, slow: now.slow - told.slow, streak: Math.min(this.breaker.failureCount, failures) };
  }

  /** Begins anew: what there is has been reported, or is too old to be. */
  rebase(): void {
    this.#told = totals(this.breaker);
  }

  /** The limits of the breaker's own options. Undefined where pooled counts do not tell: for a number of failures in a time, and a rule of the user's own. */
  get limits(): Limits | undefined {
    const { window, failureThreshold, tripRule } = this.breaker.options;
    if (tripRule !== undefined || (window !== undefined && 'failures' in window)) return undefined;
    if (window === undefined) return { failureThreshold: Math.min(failureThreshold, FOREVER) };
    const size = window.type === 'count' ? window.size : window.duration;
    return {
      window: window.type,
      size,
      minimumCalls: window.minimumCalls ?? (window.type === 'count' ? size : 20),
      failureRate: window.failureRate,
      slowRate: window.slowCallRate ?? NEVER,
    };
  }
}

const NONE: Totals = { calls: 0, failures: 0, slow: 0 };
const NEVER = 2;

function totals({ successes, failures, slow }: Breaker): Totals {
  return { calls: successes + failures, failures, slow };
}
