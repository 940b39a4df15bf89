import type { QuantileDelay } from './options';
import { RecentQuantile } from './recent-quantile';

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
  readonly #minSamples: number;
  readonly #initialMs: number | undefined;

  constructor({ quantile, minSamples, initial }: QuantileDelay & { minSamples: number; initial?: number | undefined }) {
    this.#recent = new RecentQuantile(quantile);
    this.#minSamples = minSamples;
    this.#initialMs = initial;
  }

  /** The delay to hedge at; undefined while too little is known. */
  get delayMs(): number | undefined {
    return this.#recent.count < this.#minSamples ? this.#initialMs : this.#recent.value;
  }

  answered(latencyMs: number): void {
    this.#recent.record(latencyMs);
  }

  /** @param delayMs - The delay of its call. */
  aborted(lastedMs: number, delayMs: number): void {
    if (lastedMs >= delayMs) this.#recent.record(lastedMs);
  }
}
