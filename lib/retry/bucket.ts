/** The tokens of a retry budget. */
export interface Bucket {
  /** What can be withdrawn now. */
  readonly balance: number;
  /** Tells of a call. */
  deposit(): void;
  /** Takes what is known to be there. */
  take(amount: number): void;
  /** Tells of a call that worked, and what it gives back. */
  giveBack(amount: number): void;
}
