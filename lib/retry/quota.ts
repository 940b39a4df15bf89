import type { Bucket } from './bucket';

/**
 * A quota that starts full and comes back with calls that work, never above what it was. No time is in it: while nothing
 * works, nothing comes back.
 *
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html "Retry quota"
 */
export class Quota implements Bucket {
  balance: number;

  constructor(private readonly capacity: number) {
    this.balance = capacity;
  }

  /** A call as such brings nothing, only one that works. */
  deposit(): void {
    // Nothing to do.
  }

  take(amount: number): void {
    this.balance -= amount;
  }

  giveBack(amount: number): void {
    this.balance = Math.min(this.capacity, this.balance + amount);
  }
}
