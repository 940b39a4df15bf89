import { unitOf } from '../figures';
import type { Verdict } from '../targets';

/** What a measurement has found. */
export interface Finding {
  readonly verdicts: readonly Verdict[];
  /** What to know beside them, in sentences. */
  readonly details: string;
}

/** Judges a time, which is longer on a machine that does other things as well. */
export function judgeMs(target: string, ms: number, atMostMs: number): Verdict {
  return { target, limit: unitOf(atMostMs, 'ms'), measured: unitOf(ms, 'ms'), met: ms <= atMostMs, failed: ms > 2 * atMostMs };
}

/** Judges what must be so each time. */
export function judgeEach(target: string, times: number, of: number): Verdict {
  return { target, limit: `all ${of}`, measured: String(times), met: times === of, failed: times !== of };
}

/** Tells of processes that lost the store meanwhile, and went on by themselves. */
export function lossOf({ losses }: { readonly losses: readonly string[] }): string {
  if (losses.length === 0) return 'No process lost the store.';
  return `Processes lost the store ${losses.length} times, and went on by themselves meanwhile, so that the figures say little (${[...new Set(losses)].join('; ')}).`;
}
