import type { AdaptiveBackoff } from './adaptive-backoff';
import { exponential } from './backoff';
import { spread } from './jitter';
import { systemClock, type Clock } from '../core/clock';
import { gavePromise } from '../core/contained';
import { toMs, type Duration } from '../core/duration';
import { systemRandom, type Random } from '../core/random';
import { reportThrow } from '../core/warn';
import { BACKOFFS, type CustomBackoff, type ResolvedRetryOptions } from './options';
import { askedWaitMs } from './retry-after';
import { Wait } from './wait';

/** What counts where a function gives a promise in place of a duration. */
const INSTEAD = { backoff: 'the computed delay is waited', retryAfter: 'only headers and fields tell what was asked for' };

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
   * The wait after attempt `attempt` failed with `failure`.
   *
   * @param previousMs - The wait before.
   * @returns undefined when the server asked for a longer wait than is respected: then the call is given up.
   */
  after(attempt: number, failure: unknown, previousMs: number | undefined, operation: string): Wait | undefined {
    const { backoff, maxDelay } = this.#options;
    const askedMs = this.#askedMs(failure);
    if (askedMs > this.#longestAskedMs) return undefined;
    const ownMs = typeof backoff === 'function' ? this.#own(backoff, attempt, failure, previousMs, operation) : undefined;
    // A delay of one's own is not jittered, so it is its own spread.
    const wait = ownMs === undefined ? this.backoff(attempt, previousMs) : this.#wait(Math.min(ownMs, maxDelay));
    return wait.atLeast(askedMs);
  }

  /** The computed wait: that of the backoff by name; exponential where it is a function. */
  backoff(attempt: number, previousMs: number | undefined): Wait {
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
    if (backoff === 'decorrelated') return this.#wait(computedMs);
    const scaledMs = Math.min(maxDelay, computedMs * (this.#adaptive?.factor ?? 1));
    return this.#wait(scaledMs, spread(scaledMs, jitter, maxDelay, this.#random));
  }

  #wait(delayMs: number, jitteredMs = delayMs): Wait {
    const { jitter } = this.#options;
    return new Wait(jitteredMs, jitter === false || jitter === 0 ? 0 : delayMs);
  }

  /** What the server asked for; 0 when it asked for nothing, or for a moment that has passed. */
  #askedMs(failure: unknown): number {
    const { respectRetryAfter, retryAfter } = this.#options;
    if (respectRetryAfter === false) return 0;
    const ownMs = retryAfter && this.#ask('retryAfter', retryAfter, () => retryAfter(failure));
    return ownMs ?? askedWaitMs(failure, this.#clock) ?? 0;
  }

  get #longestAskedMs(): number {
    const { respectRetryAfter, maxDelay } = this.#options;
    return (typeof respectRetryAfter === 'object' ? respectRetryAfter.max : undefined) ?? maxDelay;
  }

  #own(backoff: CustomBackoff, attempt: number, error: unknown, previous: number | undefined, operation: string): number | undefined {
    return this.#ask('backoff', backoff, () => backoff(attempt, { error, previous, operation, random: this.#random }));
  }

  /** A duration of the user's own; undefined when the function has none or fails, and the computed one stands in. */
  #ask(role: keyof typeof INSTEAD, fn: object, ask: () => Duration | undefined): number | undefined {
    try {
      const answer = ask();
      if (answer === undefined) return undefined;
      if (gavePromise(fn, `The function '${role}'`, answer, INSTEAD[role])) return undefined;
      const durationMs = toMs(answer);
      if (durationMs >= 0) return durationMs;
      throw new TypeError(`${role} must give a duration >= 0`);
    } catch (thrown) {
      reportThrow(fn, `The function '${role}'`, thrown);
      return undefined;
    }
  }
}
