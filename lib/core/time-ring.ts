/** The slices of a ring. */
export const SLICES = 10;

/** The least width of a slice: a nanosecond, the finest resolution of clocks. */
const LEAST_WIDTH_MS = 1e-6;

/**
 * The last `durationMs` in ten slices that leave one by one. It keeps the time; what happened in a slice is its owner's, kept
 * under {@link slotOf} its number. Slice n holds the times from n · width up to, but not including, (n + 1) · width.
 */
export class TimeRing {
  /** The number, since the clock's origin, of the newest slice. */
  newest = -Infinity;
  /** Its slot: kept, since to divide at every outcome costs more than to count it. */
  slot = 0;
  readonly widthMs: number;
  /** When the newest slice ends: to compare costs a fraction of what it costs to find the slice of a time. */
  #endMs = -Infinity;

  /** @param empty - Told the slot of each slice that begins, which held one that has left. */
  constructor(
    durationMs: number,
    private readonly empty: (slot: number) => void,
  ) {
    this.widthMs = Math.max(durationMs / SLICES, LEAST_WIDTH_MS);
  }

  get oldest(): number {
    return this.newest - SLICES + 1;
  }

  /** The number of the slice of a time. Finite, also for the largest times a clock may jump to. */
  numberAt(timeMs: number): number {
    return Math.min(Number.MAX_VALUE, Math.floor(timeMs / this.widthMs));
  }

  /** The slot of the slice that is `back` slices older than the newest; 0 ≤ `back` < `SLICES`. */
  slotBack(back: number): number {
    return (this.slot + SLICES - back) % SLICES;
  }

  /** Begins the slices up to that of `nowMs`; a time before the newest changes nothing. */
  advance(nowMs: number): void {
    if (nowMs < this.#endMs) return;
    const present = this.numberAt(nowMs);
    if (!(present > this.newest)) return;
    // However long it lay idle, at most all slices have to be emptied. Counted, because above 2^53 `number + 1` is the same number.
    const begun = Math.min(present - this.newest, SLICES);
    this.newest = present;
    this.slot = slotOf(present);
    for (let back = 0; back < begun; back++) this.empty(this.slotBack(back));
    this.#endMs = (present + 1) * this.widthMs;
  }
}

/** Where what happened in a slice is kept; clocks may start below zero. */
export function slotOf(number: number): number {
  return ((number % SLICES) + SLICES) % SLICES;
}
