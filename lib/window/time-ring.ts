/** The slices of a ring. */
export const SLICES = 10;

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
    this.widthMs = durationMs / SLICES;
  }

  get oldest(): number {
    return this.newest - SLICES + 1;
  }

  /** The number of the slice of a time. */
  numberAt(timeMs: number): number {
    return Math.floor(timeMs / this.widthMs);
  }

  /** Begins the slices up to that of `nowMs`; a time before the newest changes nothing. */
  advance(nowMs: number): void {
    if (nowMs < this.#endMs) return;
    const present = this.numberAt(nowMs);
    if (present <= this.newest) return;
    // However long it lay idle, at most all its slices are to be emptied.
    for (let number = Math.max(this.newest + 1, present - SLICES + 1); number <= present; number++) this.empty(slotOf(number));
    this.newest = present;
    this.slot = slotOf(present);
    this.#endMs = (present + 1) * this.widthMs;
  }
}

/** Where what happened in a slice is kept; clocks may start below zero. */
export function slotOf(number: number): number {
  const slot = number % SLICES;
  return slot < 0 ? slot + SLICES : slot;
}
