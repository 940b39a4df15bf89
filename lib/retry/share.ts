import type { AgeClock } from '../core/age-clock';
import { SLICES, TimeRing } from '../core/time-ring';
import type { Bucket } from './bucket';

/**
 * A share of the calls, over a sliding `ttl`: each call deposits `ratio`, and `minPerSecond` is there in any case.
 *
 * @see https://finagle.github.io/blog/2016/02/08/retry-budgets/
 */
export class Share implements Bucket {
  /** Deposits less withdrawals, by the slice of the ttl in which they were made. */
  readonly #slices = new Float64Array(SLICES);
  readonly #ring: TimeRing;
  readonly #minimum: number;

  constructor(
    private readonly ratio: number,
    minPerSecond: number,
    ttlMs: number,
    private readonly age: AgeClock,
  ) {
    this.#minimum = (minPerSecond * ttlMs) / 1000;
    this.#ring = new TimeRing(ttlMs, (slot) => {
      this.#slices[slot] = 0;
    });
  }

  get balance(): number {
    this.#ring.advance(this.age.now());
    return this.#slices.reduce((sum, slice) => sum + slice, this.#minimum);
  }

  deposit(): void {
    this.#add(this.ratio);
  }

  take(amount: number): void {
    this.#add(-amount);
  }

  /** What was withdrawn is spent: what comes back are the deposits of later calls. */
  giveBack(): void {
    // Nothing to do.
  }

  #add(amount: number): void {
    this.#ring.advance(this.age.quickNow());
    const { slot } = this.#ring;
    this.#slices[slot] = (this.#slices[slot] ?? 0) + amount;
  }
}
