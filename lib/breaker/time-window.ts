import type { AgedBucket, OutcomeWindow, WindowContent } from './outcome-window';
import { SLICES, slotOf, TimeRing } from '../core/time-ring';

/**
 * The outcomes of the last `durationMs`, in ten buckets that leave one by one: the window spans between nine
 * tenths of its duration and all of it.
 */
export class TimeWindow implements OutcomeWindow {
  calls = 0;
  failures = 0;
  slow = 0;
  /** The ring and what its slices hold are made at the first outcome: an idle breaker has none. */
  #ring: TimeRing | undefined;
  #calls!: Float64Array;
  #failures!: Float64Array;
  #slow!: Float64Array;

  constructor(private readonly durationMs: number) {}

  record(failed: boolean, slow: boolean, nowMs: number): void {
    const ring = (this.#ring ??= this.#begin());
    ring.advance(nowMs);
    const { slot } = ring;
    // What `#add` does, for one outcome at a time: every call comes here.
    this.#calls[slot]!++;
    this.calls++;
    if (failed) {
      this.#failures[slot]!++;
      this.failures++;
    }
    if (slow) {
      this.#slow[slot]!++;
      this.slow++;
    }
  }

  redate(failed: boolean, slow: boolean, nowMs: number): void {
    this.#add(this.#ring!.slot, -1, failed ? -1 : 0, slow ? -1 : 0);
    this.record(failed, slow, nowMs);
  }

  advance(nowMs: number): void {
    this.#ring?.advance(nowMs);
  }

  save(nowMs: number): WindowContent {
    const buckets: AgedBucket[] = [];
    const ring = this.#ring;
    if (ring === undefined) return { type: 'time', buckets };
    ring.advance(nowMs);
    const { newest, widthMs } = ring;
    for (let back = SLICES - 1; back >= 0; back--) {
      const slot = ring.slotBack(back);
      const calls = this.#calls[slot] ?? 0;
      if (calls === 0) continue;
      // Measured from its middle, so that rounding cannot move a bucket to its neighbour.
      const age = Math.max(0, nowMs - (newest - back + 0.5) * widthMs);
      buckets.push({ age, calls, failures: this.#failures[slot] ?? 0, slow: this.#slow[slot] ?? 0 });
    }
    return { type: 'time', buckets };
  }

  load(content: WindowContent, nowMs: number, gapMs: number): void {
    if (content.type !== 'time') return;
    const ring = (this.#ring ??= this.#begin());
    ring.advance(nowMs);
    const { oldest, newest } = ring;
    for (const { age, calls, failures, slow } of content.buckets) {
      const number = ring.numberAt(nowMs - age - gapMs);
      if (number >= oldest) this.#add(slotOf(Math.min(number, newest)), calls, failures, slow);
    }
  }

  #begin(): TimeRing {
    this.#calls = new Float64Array(SLICES);
    this.#failures = new Float64Array(SLICES);
    this.#slow = new Float64Array(SLICES);
    return new TimeRing(this.durationMs, (slot) => {
      this.#add(slot, -(this.#calls[slot] ?? 0), -(this.#failures[slot] ?? 0), -(this.#slow[slot] ?? 0));
    });
  }

  #add(slot: number, calls: number, failures: number, slow: number): void {
    this.#calls[slot] = (this.#calls[slot] ?? 0) + calls;
    this.#failures[slot] = (this.#failures[slot] ?? 0) + failures;
    this.#slow[slot] = (this.#slow[slot] ?? 0) + slow;
    this.calls += calls;
    this.failures += failures;
    this.slow += slow;
  }
}
