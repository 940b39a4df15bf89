import type { Breaker } from './breaker';
import type { Open } from './states';

/** What a trip rule counted, of the outcomes that it judges by. */
export interface TripStats {
  readonly calls: number;
  readonly failures: number;
  readonly slow: number;
}

/**
 * Decides when a closed circuit opens. Each closed period of a breaker has a rule of its own. Times are monotonic milliseconds, frozen time included.
 */
export interface TripRule {
  /** Takes an outcome. @returns Why the circuit opens now: any text; undefined when it stays closed. */
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

/** What a rule may look at besides the outcomes it is given. */
export interface TripCounts {
  /** Consecutive failures of the closed period. */
  readonly failureCount: number;
}

/** Makes the rule of each closed period of a breaker. */
export type TripRuleFactory = (counts: TripCounts) => TripRule;

/** So many failures in a row. */
export class Consecutive implements TripRule {
  readonly isTimeless = true;

  constructor(
    private readonly threshold: number,
    private readonly counts: TripCounts,
  ) {}

  record(failed: boolean): 'failure_threshold' | undefined {
    return failed && this.counts.failureCount >= this.threshold ? 'failure_threshold' : undefined;
  }

  progress(): string {
    return `${this.counts.failureCount} of ${this.threshold}`;
  }
}
