import type { TripRule, TripStats } from './trip-rules';

/** A window's content as plain JSON. */
export type WindowContent =
  /** One digit an outcome, oldest first: 1 for a failure, plus 2 for a slow call. */
  | { readonly type: 'count'; readonly outcomes: string }
  /** Outcomes by age in milliseconds, oldest first. */
  | { readonly type: 'time'; readonly buckets: readonly AgedBucket[] };

interface AgedBucket {
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

const SLICES = 10;

/** The least width of a slice: a nanosecond, the finest resolution of clocks. */
const LEAST_WIDTH_MS = 1e-6;

/** The outcomes from `number` · width up to, but not including, (`number` + 1) · width. */
interface Slice {
  readonly number: number;
  calls: number;
  failures: number;
  slow: number;
}

/**
 * The outcomes of the last `durationMs`, in ten slices that leave one by one: the window spans between nine
 * tenths of its duration and all of it.
 */
export class TimeWindow extends FailureRate {
  readonly #widthMs: number;
  /** Those with outcomes, oldest first. */
  #slices: Slice[] = [];
  #newest = -Infinity;
  /** When the newest slice ends: to compare costs a fraction of what it costs to find the slice of a time. */
  #endMs = -Infinity;

  constructor(durationMs: number, limits = NO_LIMITS) {
    super(limits, MINIMUM_CALLS);
    this.#widthMs = Math.max(durationMs / SLICES, LEAST_WIDTH_MS);
  }

  record(failed: boolean, slow: boolean, nowMs: number): 'failure_rate' | 'slow_rate' | undefined {
    this.stats(nowMs);
    this.#count(1, failed ? 1 : 0, slow ? 1 : 0);
    return this.reached();
  }

  redate(failed: boolean, slow: boolean, nowMs: number): 'failure_rate' | 'slow_rate' | undefined {
    this.#count(-1, failed ? -1 : 0, slow ? -1 : 0);
    return this.record(failed, slow, nowMs);
  }

  /** A time before the newest slice is taken for that of the newest. */
  override stats(nowMs: number): TripStats {
    if (nowMs >= this.#endMs) this.#advance(nowMs);
    return this;
  }

  snapshot(nowMs: number): WindowContent {
    this.stats(nowMs);
    const kept = this.#slices.filter(({ calls }) => calls > 0);
    // The age is measured from the middle of a slice, so that rounding cannot move it to its neighbour.
    const buckets = kept.map(({ number, ...counts }) => ({ age: Math.max(0, nowMs - (number + 0.5) * this.#widthMs), ...counts }));
    return { type: 'time', buckets };
  }

  restore(saved: WindowContent, nowMs: number, ageMs: number): void {
    if (saved.type !== 'time') return;
    for (const { age, calls, failures, slow } of saved.buckets) {
      this.stats(nowMs - age - ageMs);
      this.#count(calls, failures, slow);
    }
    this.stats(nowMs);
  }

  #advance(nowMs: number): void {
    // Finite, also for the largest times a clock may jump to.
    this.#newest = Math.max(this.#newest, Math.min(Number.MAX_VALUE, Math.floor(nowMs / this.#widthMs)));
    this.#endMs = (this.#newest + 1) * this.#widthMs;
    while (this.#newest - (this.#slices[0]?.number ?? Infinity) >= SLICES) {
      const { calls, failures, slow } = this.#slices.shift()!;
      this.add(-calls, -failures, -slow);
    }
  }

  #count(calls: number, failures: number, slow: number): void {
    const slices = this.#slices;
    let slice = slices[slices.length - 1];
    if (slice?.number !== this.#newest) slices.push((slice = { number: this.#newest, calls: 0, failures: 0, slow: 0 }));
    slice.calls += calls;
    slice.failures += failures;
    slice.slow += slow;
    this.add(calls, failures, slow);
  }
}
