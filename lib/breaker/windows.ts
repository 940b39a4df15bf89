import { SLICES, slotOf, TimeRing } from '../core/time-ring';
import type { TripRule, TripStats } from './trip-rules';

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

interface Limits {
  readonly minimumCalls?: number | undefined;
  readonly failureRate: number;
  readonly slowCallRate?: number | undefined;
}

const NO_LIMITS: Limits = { failureRate: Infinity };

/** Takes up what the rule before it has counted. */
export function adoptContent(rule: TripRule, previous: TripRule, nowMs: number): void {
  const content = previous.snapshot?.(nowMs);
  if (content !== undefined) rule.restore?.(content, nowMs, 0);
}

/** A share of failures, or of slow calls, in a window. Recording and reading cost the same whatever the window's size. */
abstract class FailureRate implements TripRule {
  /** Outcomes in the window, as of the last {@link FailureRate.record} or {@link FailureRate.stats}. */
  calls = 0;
  failures = 0;
  slow = 0;
  readonly #limits: Limits;
  readonly #minimumCalls: number;

  /** @param minimumCalls - Outcomes that the window needs before its rates are judged, where the limits do not say. */
  constructor(limits: Limits, minimumCalls: number) {
    this.#limits = limits;
    this.#minimumCalls = limits.minimumCalls ?? minimumCalls;
  }

  abstract record(failed: boolean, slow: boolean, nowMs: number): string | undefined;
  abstract snapshot(nowMs: number): WindowContent;
  abstract restore(saved: WindowContent, nowMs: number, ageMs: number): void;

  get isSlow(): boolean {
    // Without calls the share is NaN, which reaches no limit.
    return this.slow / this.calls >= (this.#limits.slowCallRate ?? Infinity);
  }

  /** Forgets what has left the window by `nowMs`. */
  stats(_nowMs?: number): TripStats {
    return this;
  }

  progress(nowMs: number): string {
    const { calls, failures } = this.stats(nowMs);
    return `${failures} of ${Math.ceil(this.#limits.failureRate * Math.max(calls, this.#minimumCalls))}`;
  }

  adopt(previous: TripRule, nowMs: number): void {
    adoptContent(this, previous, nowMs);
  }

  protected add(calls: number, failures: number, slow: number): void {
    this.calls += calls;
    this.failures += failures;
    this.slow += slow;
  }

  protected reached(): 'failure_rate' | 'slow_rate' | undefined {
    const { calls, failures } = this;
    if (calls < this.#minimumCalls) return undefined;
    if (failures / calls >= this.#limits.failureRate) return 'failure_rate';
    return this.isSlow ? 'slow_rate' : undefined;
  }
}

/** The last `size` outcomes: a ring of flags with running sums. */
export class CountWindow extends FailureRate {
  readonly isTimeless = true;
  readonly #size: number;
  /** Made at the first outcome: an idle breaker has none. One bit for a failure, one for a slow call. */
  #ring: Uint8Array | undefined;
  #next = 0;

  constructor(size: number, limits = NO_LIMITS) {
    super(limits, size);
    this.#size = size;
  }

  record(failed: boolean, slow: boolean): 'failure_rate' | 'slow_rate' | undefined {
    this.#push((failed ? 1 : 0) | (slow ? 2 : 0));
    return this.reached();
  }

  snapshot(): WindowContent {
    const ring = this.#ring ?? [];
    const oldest = this.#next + this.#size - this.calls;
    return { type: 'count', outcomes: Array.from({ length: this.calls }, (_, i) => ring[(oldest + i) % this.#size]).join('') };
  }

  restore(saved: WindowContent): void {
    if (saved.type === 'count') for (const digit of saved.outcomes) this.#push(Number(digit));
  }

  #push(flags: number): void {
    const ring = (this.#ring ??= new Uint8Array(this.#size));
    if (this.calls === ring.length) this.#count(ring[this.#next]!, -1);
    ring[this.#next] = flags;
    this.#count(flags, 1);
    this.#next = this.#next + 1 === ring.length ? 0 : this.#next + 1;
  }

  #count(flags: number, by: 1 | -1): void {
    this.add(by, (flags & 1) * by, (flags >> 1) * by);
  }
}

/** Outcomes that a time window needs before its rates are judged. */
const MINIMUM_CALLS = 20;

/**
 * The outcomes of the last `durationMs`, in ten slices that leave one by one: the window spans between nine
 * tenths of its duration and all of it.
 */
export class TimeWindow extends FailureRate {
  readonly #durationMs: number;
  /** The ring, and the calls, failures and slow calls of each slice, are made at the first outcome: an idle breaker has none. */
  #ring: TimeRing | undefined;
  #sums!: Float64Array;

  constructor(durationMs: number, limits = NO_LIMITS) {
    super(limits, MINIMUM_CALLS);
    this.#durationMs = durationMs;
  }

  record(failed: boolean, slow: boolean, nowMs: number): 'failure_rate' | 'slow_rate' | undefined {
    this.#count(this.#advanced(nowMs).slot, 1, failed ? 1 : 0, slow ? 1 : 0);
    return this.reached();
  }

  redate(failed: boolean, slow: boolean, nowMs: number): 'failure_rate' | 'slow_rate' | undefined {
    this.#count(this.#ring!.slot, -1, failed ? -1 : 0, slow ? -1 : 0);
    return this.record(failed, slow, nowMs);
  }

  override stats(nowMs: number): TripStats {
    this.#ring?.advance(nowMs);
    return this;
  }

  snapshot(nowMs: number): WindowContent {
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

  restore(saved: WindowContent, nowMs: number, ageMs: number): void {
    if (saved.type !== 'time') return;
    const ring = this.#advanced(nowMs);
    for (const { age, calls, failures, slow } of saved.buckets) {
      const number = ring.numberAt(nowMs - age - ageMs);
      if (number >= ring.oldest) this.#count(slotOf(Math.min(number, ring.newest)), calls, failures, slow);
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
      this.#count(slot, -calls, -failures, -slow);
    });
  }

  #slice(slot: number): readonly [calls: number, failures: number, slow: number] {
    return this.#sums.subarray(3 * slot, 3 * slot + 3) as unknown as [number, number, number];
  }

  #count(slot: number, calls: number, failures: number, slow: number): void {
    const sums = this.#sums;
    const at = 3 * slot;
    sums[at]! += calls;
    sums[at + 1]! += failures;
    sums[at + 2]! += slow;
    this.add(calls, failures, slow);
  }
}
