import type { Breaker } from '../breaker/breaker';
import type { Counts, Limits, PooledCounts } from './pooled-counts';
import { FOREVER } from './record';

interface Totals {
  readonly calls: number;
  readonly failures: number;
  readonly slow: number;
}

interface Mark {
  readonly atMs: number;
  readonly totals: Totals;
}

/** The part of a window of calls that one process reports at once, at most. */
const PARTS = 4;

/** What a breaker has counted and not reported yet. */
export class PooledReport {
  /** What was counted at a few times, the oldest first: a report has what came after the first. */
  #marks: Mark[];
  /** Of which pooled counts this process knew when it began to count. */
  #after: number | undefined;

  constructor(private readonly breaker: Breaker) {
    this.#marks = [this.#mark()];
  }

  /** Undefined when there is nothing new. */
  get counts(): Counts | undefined {
    const now = totals(this.breaker);
    const first = this.#marks[0]?.totals ?? NONE;
    const told = now.calls < first.calls ? NONE : first; // its statistics were reset
    const calls = now.calls - told.calls;
    if (calls <= 0) return undefined;
    const failures = now.failures - told.failures;
    return { calls, failures, slow: now.slow - told.slow, streak: Math.min(this.breaker.failureCount, failures) };
  }

  get after(): number | undefined {
    return this.#after;
  }

  /** Whether what it has not reported would keep pooled counts from opening the breaker. */
  objectsTo({ since }: PooledCounts, limits: Limits): boolean {
    const { counts } = this;
    if (counts === undefined) return false;
    return 'window' in limits ? counts.failures < counts.calls : this.#after === since && counts.calls > counts.failures;
  }

  /** Begins anew: what there is has been reported, or is too old to be. */
  rebase(pooled: PooledCounts | undefined): void {
    this.#marks = [this.#mark()];
    this.#after = pooled?.since;
  }

  /** Failures in a row that others have begun: what succeeds from now on ends them. */
  heardOf(pooled: PooledCounts | undefined, limits: Limits): void {
    if (!('window' in limits) && pooled?.since !== this.#after && (this.counts?.failures ?? 0) === 0) this.rebase(pooled);
  }

  /** Now and then, and before a report: what is older than the window is not reported any more. */
  age(limits: Limits): void {
    if (!('window' in limits)) return;
    const now = this.#mark();
    if (now.totals.calls !== this.#marks.at(-1)?.totals.calls) this.#marks.push(now);
    const { window, size } = limits;
    // Of a window of calls, each process has a part; what is in no report of others is the newest of it.
    const isOld = (mark: Mark): boolean => (window === 'time' ? now.atMs - mark.atMs >= size : now.totals.calls - mark.totals.calls >= size / PARTS);
    while (this.#marks[1] !== undefined && isOld(this.#marks[1])) this.#marks.shift();
  }

  #mark(): Mark {
    return { atMs: this.breaker.ageNow(), totals: totals(this.breaker) };
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
