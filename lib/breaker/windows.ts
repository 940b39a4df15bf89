import { SLICES, slotOf, TimeRing } from '../core/time-ring';

/** The outcomes a rate is computed from. Recording and reading cost the same whatever the window's size. */
export interface OutcomeWindow {
  /** Outcomes in the window, as of the last {@link OutcomeWindow.record} or {@link OutcomeWindow.advance}. */
  readonly calls: number;
  readonly failures: number;
  readonly slow: number;
  /** Adds an outcome at `nowMs`. */
  record(failed: boolean, slow: boolean, nowMs: number): void;
  /** Moves the outcome of the last {@link OutcomeWindow.record} to `nowMs`, and forgets what has left the window by then. Absent: outcomes have no time. */
  redate?(failed: boolean, slow: boolean, nowMs: number): void;
  /** Forgets what has left the window by `nowMs`. */
  advance(nowMs: number): void;
  /** The content as plain JSON. */
  save(nowMs: number): WindowContent;
  /** Takes over the content of another window, as far as it fits; what was saved `gapMs` ago has aged so much. */
  load(content: WindowContent, nowMs: number, gapMs: number): void;
}

/** A window's content as plain JSON. */
export type WindowContent =
  /** One digit an outcome, oldest first: 1 for a failure, plus 2 for a slow call. */
  | { readonly type: 'count'; readonly outcomes: string }
  /** Outcomes by age in milliseconds, oldest first. */
  | { readonly type: 'time'; readonly buckets: readonly AgedBucket[] };

export interface AgedBucket {
  readonly age: number;
  readonly calls: number;
  readonly failures: number;
  readonly slow: number;
}

const FAILED = 1;
const SLOW = 2;

/** The last `size` outcomes: a ring of flags with running sums. */
export class CountWindow implements OutcomeWindow {
  calls = 0;
  failures = 0;
  slow = 0;
  readonly #size: number;
  /** Made at the first outcome: an idle breaker has none. */
  #ring: Uint8Array | undefined;
  #next = 0;

  constructor(size: number) {
    this.#size = size;
  }

  record(failed: boolean, slow: boolean): void {
    this.#push((failed ? FAILED : 0) | (slow ? SLOW : 0));
  }

  advance(): void {
    // Outcomes leave by number, not by age.
  }

  save(): WindowContent {
    const size = this.#size;
    const oldest = this.#next + size - this.calls;
    let outcomes = '';
    for (let i = 0; i < this.calls; i++) outcomes += String(this.#ring![(oldest + i) % size]);
    return { type: 'count', outcomes };
  }

  load(content: WindowContent): void {
    if (content.type === 'count') for (const digit of content.outcomes) this.#push(Number(digit));
  }

  #push(flags: number): void {
    const ring = (this.#ring ??= new Uint8Array(this.#size));
    if (this.calls === ring.length) this.#count(ring[this.#next]!, -1);
    ring[this.#next] = flags;
    this.#count(flags, 1);
    this.#next = this.#next + 1 === ring.length ? 0 : this.#next + 1;
  }

  #count(flags: number, by: 1 | -1): void {
    this.calls += by;
    if ((flags & FAILED) !== 0) this.failures += by;
    if ((flags & SLOW) !== 0) this.slow += by;
  }
}

/**
 * The outcomes of the last `durationMs`, in ten slices that leave one by one: the window spans between nine
 * tenths of its duration and all of it.
 */
export class TimeWindow implements OutcomeWindow {
  calls = 0;
  failures = 0;
  slow = 0;
  readonly #durationMs: number;
  /** The ring, and the calls, failures and slow calls of each slice, are made at the first outcome: an idle breaker has none. */
  #ring: TimeRing | undefined;
  #sums!: Float64Array;

  constructor(durationMs: number) {
    this.#durationMs = durationMs;
  }

  record(failed: boolean, slow: boolean, nowMs: number): void {
    this.#add(this.#advanced(nowMs).slot, 1, failed ? 1 : 0, slow ? 1 : 0);
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
    const ring = this.#advanced(nowMs);
    for (let back = SLICES - 1; back >= 0; back--) {
      const [calls, failures, slow] = this.#slice(ring.slotBack(back));
      // Measured from its middle, so that rounding cannot move a slice to its neighbour.
      const age = Math.max(0, nowMs - (ring.newest - back + 0.5) * ring.widthMs);
      if (calls > 0) buckets.push({ age, calls, failures, slow });
    }
    return { type: 'time', buckets };
  }

  load(content: WindowContent, nowMs: number, gapMs: number): void {
    if (content.type !== 'time') return;
    const ring = this.#advanced(nowMs);
    for (const { age, calls, failures, slow } of content.buckets) {
      const number = ring.numberAt(nowMs - age - gapMs);
      if (number >= ring.oldest) this.#add(slotOf(Math.min(number, ring.newest)), calls, failures, slow);
    }
  }

  #advanced(nowMs: number): TimeRing {
    const ring = (this.#ring ??= this.#begin());
    ring.advance(nowMs);
    return ring;
  }

  #begin(): TimeRing {
    this.#sums = new Float64Array(3 * SLICES);
    return new TimeRing(this.#durationMs, (slot) => {
      const [calls, failures, slow] = this.#slice(slot);
      this.#add(slot, -calls, -failures, -slow);
    });
  }

  #slice(slot: number): readonly [calls: number, failures: number, slow: number] {
    return this.#sums.subarray(3 * slot, 3 * slot + 3) as unknown as [number, number, number];
  }

  #add(slot: number, calls: number, failures: number, slow: number): void {
    const sums = this.#sums;
    const at = 3 * slot;
    sums[at]! += calls;
    sums[at + 1]! += failures;
    sums[at + 2]! += slow;
    this.calls += calls;
    this.failures += failures;
    this.slow += slow;
  }
}
