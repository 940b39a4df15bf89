/** How many samples are remembered. */
export const WINDOW = 1000;

/**
 * A quantile of the last {@link WINDOW} samples, exact: they are kept in the order they came, to know which leaves, and in
 * ascending order, to read the quantile.
 *
 * An estimator that keeps a few markers, such as P² (Jain & Chlamtac 1985), needs less memory, but never forgets: a
 * dependency that became slower would be hedged by what it was. Recording is a binary search, and one move of at most 8 KB.
 *
 * @see Hyndman & Fan (1996), "Sample quantiles in statistical packages", definition 1: the inverse of the empirical
 *   distribution.
 */
export class RecentQuantile {
  readonly #arrived = new Float64Array(WINDOW);
  readonly #ascending = new Float64Array(WINDOW);
  #count = 0;
  /** Where the next sample goes: when all places are taken, that of the oldest. */
  #next = 0;

  /** @param quantile - > 0, ≤ 1. */
  constructor(private readonly quantile: number) {}

  /** Samples that are remembered. */
  get count(): number {
    return this.#count;
  }

  /** The least sample that is not below the share `quantile` of all; undefined without samples. */
  get value(): number | undefined {
    return this.#ascending[Math.ceil(this.quantile * this.#count) - 1];
  }

  record(sample: number): void {
    if (this.#count === WINDOW) this.#drop(this.#arrived[this.#next] as number);
    const at = this.#rankOf(sample);
    this.#ascending.copyWithin(at + 1, at, this.#count);
    this.#ascending[at] = sample;
    this.#count++;
    this.#arrived[this.#next] = sample;
    this.#next = (this.#next + 1) % WINDOW;
  }

  #drop(sample: number): void {
    const at = this.#rankOf(sample);
    this.#ascending.copyWithin(at, at + 1, this.#count);
    this.#count--;
  }

  /** How many samples are less. */
  #rankOf(sample: number): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ascending[middle] as number) < sample) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
