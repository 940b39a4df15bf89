import type { Comparison } from './comparison';
import type { Verdict } from './targets';
import type { Timings } from './timing';

/** All that a run of the benchmark has found. */
export interface Results {
  readonly rounds: number;
  readonly timings: Timings;
  readonly comparisons: readonly Comparison[];
  readonly verdicts: readonly Verdict[];
  /** Whether we are ahead of every peer, work by work. */
  readonly ahead: readonly Verdict[];
  /** Figures that have no target. */
  readonly notes: readonly string[];
}
