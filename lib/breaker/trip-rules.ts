import { reportThrow } from '../core/warn';
import type { Breaker } from './breaker';
import type { ResolvedBreakerOptions } from './options';
import type { Open } from './states';
import { CountWindow, TimeWindow, type WindowContent } from './windows';

/** The counts of the outcomes that a trip rule looks at. */
export interface TripStats {
  readonly calls: number;
  readonly failures: number;
  readonly slow: number;
}

/**
 * Decides when a closed circuit opens. Each closed period of a breaker has a rule of its own. Times are monotonic milliseconds, frozen time included.
 */
export interface TripRule {
  /** Takes an outcome. @returns Why the circuit opens now: any text; undefined when it stays closed, as it does when this throws. */
  record(failed: boolean, slow: boolean, nowMs: number): string | undefined;
  /** How near the circuit is to opening: “6 of 10”. */
  progress(nowMs: number): string;
  /** Outcomes for `stats.failureRate` and `stats.slowRate`. Absent: those of the closed period. */
  stats?(nowMs: number): TripStats;
  /** What it has counted, as plain JSON. Absent: a snapshot has nothing of it. */
  snapshot?(nowMs: number): object;
  /** Takes up what {@link TripRule.snapshot} gave `ageMs` ago; what does not fit is left. */
  restore?(saved: object, nowMs: number, ageMs: number): void;
  /** Takes up what the rule before it has counted, when the options change. */
  adopt?(previous: TripRule, nowMs: number): void;
  /** Moves the last outcome to `nowMs`, and judges anew: asked before the circuit opens, in case the process was frozen. Absent: it needs no time. */
  redate?(failed: boolean, slow: boolean, nowMs: number): string | undefined;
  /** Whether it needs no time: `record` is given 0, and no clock is read. */
  readonly isTimeless?: boolean;
  /** Whether calls are too slow now: a slow probe does not close the circuit that opens then. */
  readonly isSlow?: boolean;
  /** The open state that follows, where it is not the usual one. */
  openState?(breaker: Breaker, openTimeMs: number): Open;
}

/** The counts that a rule may read besides the outcomes it records. */
export interface TripCounts {
  /** Consecutive failures of the closed period. */
  readonly failureCount: number;
}

/** Makes the rule of each closed period of a breaker. */
export type TripRuleFactory = (counts: TripCounts) => TripRule;

/** The rule that the options ask for, with nothing counted. */
export function tripRule({ tripRule: own, window, failureThreshold }: ResolvedBreakerOptions, counts: TripCounts): TripRule {
  if (own !== undefined) return own(counts);
  if (window === undefined) return new Consecutive(failureThreshold, counts);
  if (window.type === 'count') return new CountWindow(window.size, window);
  return 'failures' in window ? new FailureCount(window.failures, window.duration) : new TimeWindow(window.duration, window);
}

/**
 * {@link tripRule}, for the next closed period: where a factory of the user's own throws, the rule of the period before goes on.
 *
 * @param adoptAtMs - When the rule takes up what the one before has counted; undefined when it begins anew.
 */
export function ruleAfter(previous: TripRule, options: ResolvedBreakerOptions, counts: TripCounts, adoptAtMs?: number): TripRule {
  try {
    const rule = tripRule(options, counts);
    if (adoptAtMs !== undefined) rule.adopt?.(previous, adoptAtMs);
    return rule;
  } catch (thrown) {
    containThrow(options, thrown);
    return previous;
  }
}

/** A rule of the user's own cannot harm calls: its throw is reported once. Any other is not the rule's. */
export function containThrow({ tripRule: own }: ResolvedBreakerOptions, thrown: unknown): void {
  if (own === undefined) throw thrown;
  reportThrow(own, `The option 'tripRule'`, thrown);
}

/** So many failures in a row. */
class Consecutive implements TripRule {
  readonly isTimeless = true;
  readonly #threshold: number;
  readonly #counts: TripCounts;

  constructor(threshold: number, counts: TripCounts) {
    this.#threshold = threshold;
    this.#counts = counts;
  }

  record(failed: boolean): 'failure_threshold' | undefined {
    return failed && this.#counts.failureCount >= this.#threshold ? 'failure_threshold' : undefined;
  }

  progress(): string {
    return `${this.#counts.failureCount} of ${this.#threshold}`;
  }
}

/** So many failures within a time. It keeps when the last of them were, so that it opens at the very failure. */
class FailureCount implements TripRule {
  readonly #failures: number;
  readonly #durationMs: number;
  /** When failures were, oldest first: all that count, and at most as many again. */
  readonly #times: number[] = [];

  constructor(failures: number, durationMs: number) {
    this.#failures = failures;
    this.#durationMs = durationMs;
  }

  record(failed: boolean, _slow: boolean, nowMs: number): 'failure_count' | undefined {
    if (!failed) return undefined;
    const times = this.#times;
    // Dropped many at once: to move a long list at every failure would cost more than to count it.
    if (times.push(nowMs) > 2 * this.#failures) times.splice(0, this.#failures);
    return nowMs - times.at(-this.#failures)! < this.#durationMs ? 'failure_count' : undefined;
  }

  redate(failed: boolean, slow: boolean, nowMs: number): 'failure_count' | undefined {
    // Only a failure trips: it is the last that was kept.
    this.#times.pop();
    return this.record(failed, slow, nowMs);
  }

  progress(nowMs: number): string {
    return `${this.#kept(nowMs).length} of ${this.#failures}`;
  }

  snapshot(nowMs: number): WindowContent {
    return { type: 'time', buckets: this.#kept(nowMs).map((atMs) => ({ age: Math.max(0, nowMs - atMs), calls: 1, failures: 1, slow: 0 })) };
  }

  restore(saved: WindowContent, nowMs: number, ageMs: number): void {
    if (saved.type !== 'time') return;
    for (const { age, failures } of saved.buckets) {
      for (let n = Math.min(failures, this.#failures); n > 0; n--) this.record(true, false, nowMs - age - ageMs);
    }
  }

  /** When the failures within the time were, oldest first. */
  #kept(nowMs: number): number[] {
    return this.#times.slice(-this.#failures).filter((atMs) => nowMs - atMs < this.#durationMs);
  }
}
