import type { QuantileDelay } from './options';

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
  readonly #arrived: number[] = [];
  readonly #ascending: number[] = [];

  /** @param quantile - > 0, ≤ 1. */
  constructor(private readonly quantile: number) {}

  /** Samples that are remembered. */
  get count(): number {
    return this.#arrived.length;
  }

  /** The least sample that is not below the share `quantile` of all; undefined without samples. */
  get value(): number | undefined {
    return this.#ascending[Math.ceil(this.quantile * this.count) - 1];
  }

  record(sample: number): void {
    if (this.count === WINDOW) this.#ascending.splice(this.#rankOf(this.#arrived.shift() as number), 1);
    this.#arrived.push(sample);
    this.#ascending.splice(this.#rankOf(sample), 0, sample);
  }

  /** How many samples are less. */
  #rankOf(sample: number): number {
    let low = 0;
    let high = this.#ascending.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ascending[middle] as number) < sample) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/**
 * How long first runs take, from their start to their answer.
 *
 * Only first runs are measured: later ones start when something is slow already. One that is aborted, mostly because
 * another run was faster, would have taken longer than it lasted. To leave these out would lose just the slow ones, and
 * with every hedge the quantile, and so the delay, would sink. So such a run counts with the time it lasted, if that is
 * longer than the delay: then it is on the right side of the quantile, and a quantile does not ask for more.
 * One aborted sooner says nothing.
 */
export class Latencies {
  readonly #recent: RecentQuantile;

  constructor(private readonly options: QuantileDelay & { minSamples: number; initial?: number | undefined }) {
    this.#recent = new RecentQuantile(options.quantile);
  }

  /** The delay to hedge at; undefined while too little is known. */
  get delayMs(): number | undefined {
    return this.#recent.count < this.options.minSamples ? this.options.initial : this.#recent.value;
  }

  /** @param delayMs - For a run that was aborted: the delay of its call. */
  record(lastedMs: number, delayMs = 0): void {
    if (lastedMs >= delayMs) this.#recent.record(lastedMs);
  }
}
