import type { WindowContent } from './outcome-window';
import type { TripRule } from './trip-rule';

/** So many failures within a time. It keeps when the last of them were, so that it opens at the very failure. */
export class FailureCount implements TripRule {
  /** A ring, the next place being that of the oldest. Made at the first failure: an idle breaker has none. */
  #times: Float64Array | undefined;
  #next = 0;

  constructor(
    private readonly failures: number,
    private readonly durationMs: number,
  ) {}

  record(failed: boolean, _slow: boolean, nowMs: number): 'failure_count' | undefined {
    if (!failed) return undefined;
    const times = this.#push(nowMs);
    return nowMs - times[this.#next]! < this.durationMs ? 'failure_count' : undefined;
  }

  redate(failed: boolean, slow: boolean, nowMs: number): 'failure_count' | undefined {
    // Only a failure trips: it is the last that was kept.
    this.#next = (this.#next || this.failures) - 1;
    return this.record(failed, slow, nowMs);
  }

  progress(nowMs: number): string {
    return `${this.#kept(nowMs).length} of ${this.failures}`;
  }

  snapshot(nowMs: number): WindowContent {
    return { type: 'time', buckets: this.#kept(nowMs).map((atMs) => ({ age: Math.max(0, nowMs - atMs), calls: 1, failures: 1, slow: 0 })) };
  }

  restore(saved: WindowContent, nowMs: number, ageMs: number): void {
    if (saved.type !== 'time') return;
    for (const { age, failures } of saved.buckets) {
      for (let n = Math.min(failures, this.failures); n > 0; n--) this.#push(nowMs - age - ageMs);
    }
  }

  adopt(previous: TripRule, nowMs: number): void {
    const content = previous.snapshot?.(nowMs);
    if (content !== undefined) this.restore(content as WindowContent, nowMs, 0);
  }

  #push(atMs: number): Float64Array {
    const times = (this.#times ??= new Float64Array(this.failures).fill(-Infinity));
    times[this.#next] = atMs;
    this.#next = (this.#next + 1) % this.failures;
    return times;
  }

  /** When the failures within the time were, oldest first. */
  #kept(nowMs: number): number[] {
    const times = this.#times ?? new Float64Array(0);
    return [...times.subarray(this.#next), ...times.subarray(0, this.#next)].filter((atMs) => nowMs - atMs < this.durationMs);
  }
}
