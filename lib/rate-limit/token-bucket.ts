/**
 * A token bucket: it holds up to `burst` tokens, and is filled continuously with `limit` tokens per interval. In any time t
 * it gives at most `burst + limit · t / interval` tokens.
 *
 * Of the two ways to keep it, a level that is updated and a schedule, it is the second (the "virtual scheduling" of the
 * generic cell rate algorithm): it knows when it was last full and counts, in whole tokens, what was taken since. So
 * nothing adds up: rounding is that of one multiplication, however long it is in use.
 *
 * @see https://en.wikipedia.org/wiki/Token_bucket
 * @see https://www.itu.int/rec/T-REC-I.371 Annex A, the generic cell rate algorithm
 */
export class TokenBucket {
  #fullAtMs = -Infinity;
  /** Tokens taken since then. */
  #taken = 0;
  /** The latest time seen; an earlier one changes nothing. */
  #latestMs = -Infinity;

  constructor(
    private readonly limit: number,
    private readonly intervalMs: number,
    private readonly burst: number,
  ) {}

  isFull(nowMs: number): boolean {
    this.#advance(nowMs);
    return this.#taken === 0;
  }

  /** Milliseconds until there are as many tokens; 0 when there are now. */
  waitMs(tokens: number, nowMs: number): number {
    this.#advance(nowMs);
    return Math.max(0, this.#refillMs(this.#taken + tokens - this.burst) - this.#sinceFullMs);
  }

  /** Takes a token, which must be there. */
  take(): void {
    this.#taken++;
  }

  /** Tokens beyond a full bucket are lost: its schedule begins anew. */
  #advance(nowMs: number): void {
    if (nowMs > this.#latestMs) this.#latestMs = nowMs;
    if (this.#refillMs(this.#taken) > this.#sinceFullMs) return;
    this.#fullAtMs = this.#latestMs;
    this.#taken = 0;
  }

  get #sinceFullMs(): number {
    return this.#latestMs - this.#fullAtMs;
  }

  /** The time in which as many tokens flow in. */
  #refillMs(tokens: number): number {
    return (tokens * this.intervalMs) / this.limit;
  }
}
