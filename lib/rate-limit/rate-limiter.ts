import { ageClockOf, type AgeClock } from '../core/age-clock';
import type { Cancellation } from '../core/cancellation';
import type { Clock } from '../core/clock';
import type { Partition } from '../core/partitions';
import { startTimer } from '../core/timer';
import type { TokenBucket } from './token-bucket';

/** A token bucket and the callers that wait for its tokens, first come first served. There is one timer, while somebody waits. */
export class RateLimiter implements Partition {
  readonly #bucket: TokenBucket;
  readonly #clock: Clock;
  readonly #age: AgeClock;
  /** In order of arrival; each is called when it has its token. */
  readonly #waiting = new Set<() => void>();
  #cancelTimer: (() => void) | undefined;

  /** @param key - Of a keyed limit. */
  constructor(
    readonly key: string | undefined,
    bucket: TokenBucket,
    clock: Clock,
  ) {
    this.#bucket = bucket;
    this.#clock = clock;
    this.#age = ageClockOf(clock);
  }

  get isIdle(): boolean {
    return this.#waiting.size === 0 && this.#bucket.isFull(this.#age.now());
  }

  /**
   * Takes a token, if there is one that nobody waits for.
   *
   * @returns 0 when it did, else milliseconds until the turn of a caller who comes now.
   */
  take(): number {
    const nowMs = this.#age.now();
    // The timer may be late: those who wait come first all the same.
    if (this.#waiting.size > 0) this.#serve(nowMs);
    const waitMs = this.#bucket.waitMs(this.#waiting.size + 1, nowMs);
    if (waitMs === 0) this.#bucket.take();
    return waitMs;
  }

  /** Waits for a token behind those who wait already. @throws The cancellation's reason, as soon as it is cancelled. */
  turn(cancellation: Cancellation | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const start = (): void => {
        unsubscribe?.();
        resolve();
      };
      this.#waiting.add(start);
      const unsubscribe = cancellation?.subscribe(() => {
        this.#leave(start);
        reject(cancellation.reason);
      });
      if (this.#cancelTimer === undefined) this.#arm(this.#age.now());
    });
  }

  /** Gives the tokens that are there to those who wait. */
  #serve(nowMs: number): void {
    for (const start of this.#waiting) {
      if (this.#bucket.waitMs(1, nowMs) > 0) return;
      this.#bucket.take();
      this.#leave(start);
      start();
    }
  }

  /** Those behind move up; the timer stays, for it is that of the next token, whoever gets it. */
  #leave(start: () => void): void {
    this.#waiting.delete(start);
    if (this.#waiting.size > 0) return;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #arm(nowMs: number): void {
    // Time must pass: a wait that is lost in the clock's rounding would be armed again for ever.
    const leastMs = Math.abs(nowMs) * Number.EPSILON;
    this.#cancelTimer = startTimer(this.#clock, Math.max(this.#bucket.waitMs(1, nowMs), leastMs), () => {
      const firedAtMs = this.#age.now();
      this.#serve(firedAtMs);
      // It may have fired early, as the platform's timers do.
      if (this.#waiting.size > 0) this.#arm(firedAtMs);
    });
  }
}
