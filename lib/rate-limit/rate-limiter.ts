import { ageClockOf, type AgeClock } from '../core/age-clock';
import type { Call } from '../core/call';
import { systemClock, type Clock } from '../core/clock';
import { remainingMs } from '../core/deadline';
import { RateLimitedError, withoutStack } from '../core/errors';
import { type PolicyEvent, emitPolicyEvent } from '../core/events';
import type { StateGuard } from '../core/keyed-guard';
import { Refusal, type LayerContext, type Permit, type PolicySink } from '../core/policy';
import { Rejection } from '../core/rejection';
import { startTimer } from '../core/timer';
import { beginTurn, isTiedToRequests } from '../core/turn';
import type { ResolvedRateLimitOptions } from './options';
import { TokenBucket } from './token-bucket';

/** A call was over the rate limit, and rejected. */
export interface RateLimitEvent extends PolicyEvent<'rateLimit'> {
  /** Milliseconds until a call can be let through. */
  readonly retryAfter: number;
}

export type RateLimitEvents = { rateLimit: RateLimitEvent };

/**
 * A token bucket and the callers that wait for its tokens, first come first served. There is one timer, while somebody waits. It is the
 * permit of all calls as well: a token is spent, however its call ends.
 */
export class RateLimiter implements StateGuard, Permit {
  readonly #options: ResolvedRateLimitOptions;
  readonly #bucket: TokenBucket;
  readonly #clock: Clock;
  readonly #age: AgeClock;
  readonly #sink: PolicySink;
  /** In order of arrival; each is called when it has its token. */
  readonly #waiting = new Set<() => void>();
  /** How long the caller must wait that was not admitted, and asks `deny` next. */
  #waitMs = 0;
  #cancelTimer: (() => void) | undefined;
  #dueAtMs = 0;

  /** @param key - Of a keyed limit. */
  constructor(
    options: ResolvedRateLimitOptions,
    { clock, sink }: Pick<LayerContext, 'clock' | 'sink'>,
    readonly key?: string,
  ) {
    const { limit, interval, burst } = options;
    this.#options = options;
    this.#bucket = new TokenBucket(limit, interval, burst);
    this.#clock = options.clock ?? clock ?? systemClock;
    this.#age = ageClockOf(this.#clock);
    this.#sink = sink;
  }

  get isIdle(): boolean {
    return this.#waiting.size === 0 && this.#bucket.isFull(this.#age.now());
  }

  admit({ cancellation }: Call): Permit | undefined {
    if (cancellation?.aborted === true) return undefined;
    const nowMs = this.#age.now();
    // The timer may be late: those who wait come first all the same.
    if (this.#waiting.size > 0) this.#serve(nowMs);
    this.#waitMs = this.#bucket.waitMs(this.#waiting.size + 1, nowMs);
    if (this.#waitMs > 0) return undefined;
    this.#bucket.take();
    return this;
  }

  deny(call: Call): Refusal | Promise<Permit | Refusal> {
    const { cancellation } = call;
    if (cancellation?.aborted === true) return new Refusal(cancellation.reason);
    const waitMs = this.#waitMs;
    return waitMs > this.#options.maxWait || waitMs > remainingMs(call.limit) ? this.#refuse(call, waitMs) : this.#wait(call);
  }

  readonly success = (value: unknown): unknown => value;

  readonly failure = (error: unknown): Rejection => new Rejection(error);

  readonly ignore = (): void => undefined;

  /** Waits for a token behind those who wait already. */
  #wait({ cancellation }: Call): Promise<Permit | Refusal> {
    const { promise, end } = beginTurn<Permit | Refusal>(this.#clock, () => {
      this.#serve(this.#age.now());
    });
    const start = (): void => {
      unsubscribe?.();
      end(this);
    };
    const unsubscribe = cancellation?.subscribe(() => {
      this.#leave(start);
      end(new Refusal(cancellation.reason));
    });
    this.#waiting.add(start);
    this.#keepArmed();
    return promise;
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

  #keepArmed(): void {
    // Else each who waits has a timer of its own.
    if (isTiedToRequests()) return;
    const nowMs = this.#age.now();
    // One that is overdue was lost, as timers are that went with the request that armed them.
    if (this.#cancelTimer !== undefined && nowMs <= this.#dueAtMs) return;
    this.#cancelTimer?.();
    this.#arm(nowMs);
  }

  #arm(nowMs: number): void {
    // Time must pass: a wait that is lost in the clock's rounding would be armed again for ever.
    const leastMs = Math.abs(nowMs) * Number.EPSILON;
    const waitMs = Math.max(this.#bucket.waitMs(1, nowMs), leastMs);
    this.#dueAtMs = nowMs + waitMs;
    this.#cancelTimer = startTimer(this.#clock, waitMs, () => {
      this.#cancelTimer = undefined;
      const firedAtMs = this.#age.now();
      this.#serve(firedAtMs);
      // It may have fired early, as the platform's timers do.
      if (this.#waiting.size > 0) this.#arm(firedAtMs);
    });
  }

  #refuse(call: Call, retryAfter: number): Refusal {
    const { key } = this;
    emitPolicyEvent<RateLimitEvent>(this.#sink, 'rateLimit', this.#clock, call, { retryAfter }, key);
    return new Refusal(withoutStack(() => new RateLimitedError(call.operation, retryAfter, key), this.#options.rejectionStacks));
  }
}
