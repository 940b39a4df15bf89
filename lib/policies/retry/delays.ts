import type { AdaptiveBackoff } from '../../backoff/adaptive';
import { exponential } from '../../backoff/backoff';
import { spread } from '../../backoff/jitter';
import { systemClock, type Clock } from '../../core/clock';
import { disown } from '../../core/contained';
import { toMs } from '../../core/duration';
import { systemRandom, type Random } from '../../core/random';
import { reportThrow } from '../../core/warn';
import { BACKOFFS, type CustomBackoff, type ResolvedRetryOptions } from './options';
import { retryAfterMs } from './retry-after';

/** Computes the waits of one operation's retries. */
export class Delays {
  readonly #options: ResolvedRetryOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #adaptive: AdaptiveBackoff | undefined;

  constructor(options: ResolvedRetryOptions, adaptive: AdaptiveBackoff | undefined) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? systemRandom;
    this.#adaptive = adaptive;
  }

  /** Tells the adaptive backoff how an attempt ended. */
  record(success: boolean): void {
    this.#adaptive?.record(success);
  }

  /** Whether results change the delays. */
  get learns(): boolean {
    return this.#adaptive !== undefined;
  }

  /**
   * The wait after attempt `attempt` failed with `failure`, in milliseconds.
   *
   * @param previousMs - The wait before.
   */
  after(attempt: number, failure: unknown, previousMs: number | undefined, operation: string): number {
    const { respectRetryAfter, maxDelay, backoff } = this.#options;
    const askedMs = respectRetryAfter ? retryAfterMs(failure, this.#clock) : undefined;
    if (askedMs !== undefined) return Math.min(askedMs, maxDelay);
    const ownMs = typeof backoff === 'function' ? this.#own(backoff, attempt, failure, previousMs, operation) : undefined;
    return ownMs === undefined ? this.#computed(attempt, previousMs) : Math.min(ownMs, maxDelay);
  }

  #computed(attempt: number, previousMs: number | undefined): number {
    const { backoff, baseDelay, maxDelay, exponentialBase, jitter } = this.#options;
    const compute = backoff === 'adaptive' || typeof backoff === 'function' ? exponential : BACKOFFS[backoff];
    const computedMs = compute(attempt, {
      baseDelayMs: baseDelay,
      maxDelayMs: maxDelay,
      exponentialBase,
      previousMs,
      random: this.#random,
    });
    // Decorrelated delays are spread by themselves.
    if (backoff === 'decorrelated') return computedMs;
    const scaledMs = Math.min(maxDelay, computedMs * (this.#adaptive?.factor ?? 1));
    return spread(scaledMs, jitter, maxDelay, this.#random);
  }

  /** A delay of the user's own; undefined when the function has none or fails, and the computed one stands in. */
  #own(backoff: CustomBackoff, attempt: number, error: unknown, previous: number | undefined, operation: string): number | undefined {
    try {
      const answer = backoff(attempt, { error, previous, operation, random: this.#random });
      if (answer === undefined) return undefined;
      const delayMs = toMs(answer);
      if (delayMs >= 0) return delayMs;
      disown(answer);
      throw new TypeError('backoff must give a duration >= 0');
    } catch (thrown) {
      reportThrow(backoff, `The function 'backoff'`, thrown);
      return undefined;
    }
  }
}
