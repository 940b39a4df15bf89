import type { AgedBucket, OutcomeWindow, WindowContent } from './outcome-window';

const BUCKETS = 10;

/**
 * The outcomes of the last `durationMs`, in ten buckets that leave one by one: the window spans between nine
 * tenths of its duration and all of it. Bucket n holds the times from n · width up to, but not including, (n + 1) · width.
 */
export class TimeWindow implements OutcomeWindow {
  calls = 0;
  failures = 0;
  slow = 0;
  readonly #widthMs: number;
  readonly #calls = new Float64Array(BUCKETS);
  readonly #failures = new Float64Array(BUCKETS);
  readonly #slow = new Float64Array(BUCKETS);
  /** The number, since the clock's origin, of the newest bucket. */
  #newest = -Infinity;

  constructor(durationMs: number) {
    this.#widthMs = durationMs / BUCKETS;
  }

  record(failed: boolean, slow: boolean, nowMs: number): void {
    this.advance(nowMs);
    this.#add(this.#newest, 1, failed ? 1 : 0, slow ? 1 : 0);
  }

  advance(nowMs: number): void {
    const bucket = Math.floor(nowMs / this.#widthMs);
    if (bucket <= this.#newest) return;
    // However long the window lay idle, at most all its buckets are to be emptied.
    for (let number = Math.max(this.#newest + 1, bucket - BUCKETS + 1); number <= bucket; number++) {
      const slot = slotOf(number);
      this.#add(number, -(this.#calls[slot] ?? 0), -(this.#failures[slot] ?? 0), -(this.#slow[slot] ?? 0));
    }
    this.#newest = bucket;
  }

  save(nowMs: number): WindowContent {
    this.advance(nowMs);
    const buckets: AgedBucket[] = [];
    for (let number = this.#newest - BUCKETS + 1; number <= this.#newest; number++) {
      const slot = slotOf(number);
      const calls = this.#calls[slot] ?? 0;
      if (calls === 0) continue;
      // Measured from its middle, so that rounding cannot move a bucket to its neighbour.
      const age = Math.max(0, nowMs - (number + 0.5) * this.#widthMs);
      buckets.push({ age, calls, failures: this.#failures[slot] ?? 0, slow: this.#slow[slot] ?? 0 });
    }
    return { type: 'time', buckets };
  }

  load(content: WindowContent, nowMs: number, gapMs: number): void {
    if (content.type !== 'time') return;
    this.advance(nowMs);
    for (const { age, calls, failures, slow } of content.buckets) {
      const number = Math.floor((nowMs - age - gapMs) / this.#widthMs);
      if (number > this.#newest - BUCKETS) this.#add(Math.min(number, this.#newest), calls, failures, slow);
    }
  }

  #add(number: number, calls: number, failures: number, slow: number): void {
    const slot = slotOf(number);
    this.#calls[slot] = (this.#calls[slot] ?? 0) + calls;
    this.#failures[slot] = (this.#failures[slot] ?? 0) + failures;
    this.#slow[slot] = (this.#slow[slot] ?? 0) + slow;
    this.calls += calls;
    this.failures += failures;
    this.slow += slow;
  }
}

/** Where a bucket is kept; clocks may start below zero. */
function slotOf(number: number): number {
  const slot = number % BUCKETS;
  return slot < 0 ? slot + BUCKETS : slot;
}
