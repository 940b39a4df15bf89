/**
 * Learns from the last results how hard to back off: the delay doubles while fewer than 70 % of them were successes,
 * halves from there on, and below 30 % trying again is given up from the third attempt on.
 */
export class AdaptiveBackoff {
  readonly #results: boolean[] = [];

  /** @param windowSize - How many results it remembers. */
  constructor(private readonly windowSize = 10) {}

  record(success: boolean): void {
    this.#results.push(success);
    if (this.#results.length > this.windowSize) this.#results.shift();
  }

  /** Share of successes; 1 while nothing is known. */
  get successRate(): number {
    if (this.#results.length === 0) return 1;
    return this.#results.filter(Boolean).length / this.#results.length;
  }

  /** What to multiply a delay by. */
  get factor(): number {
    return this.successRate < 0.7 ? 2 : 0.5;
  }

  /** Whether another try is worth it, after attempt `attempt` (counted from 0) failed. */
  worthRetrying(attempt: number): boolean {
    return attempt < 2 || this.successRate >= 0.3;
  }
}
