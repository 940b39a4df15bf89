import { ageClockOf, type AgeClock, systemClock, type Clock } from '../core/clock';
import { type Call, remainingMs } from '../core/call';
import { RateLimitedError } from './rate-limited-error';
import { withoutStack } from '../core/errors';
import { type PolicyEvent, emitPolicyEvent } from '../core/observers';
import type { StateGuard } from '../core/keyed-states';
import { Refusal, type LayerContext, type Permit, type PolicySink } from '../core/policy';
import { Rejection } from '../core/run';
import { startTimer, beginTurn, isTiedToRequests } from '../core/timer';
import type { ResolvedRateLimitOptions } from './options';
import { TokenBucket } from './token-bucket';

/** A call was over the rate limit, and rejected. */
export interface RateLimitEvent extends PolicyEvent<'rateLimit'> {
  /** Milliseconds until a call can be let through. */
  readonly retryAfter: number;
}

export type RateLimitEvents = { rateLimit: RateLimitEvent };

/** A caller that waits for its token. */
interface Waiter {
  /** Called when it has it. */
  readonly start: () => void;
  /** Those that cancel its timers. */
  readonly timers: Set<() => void>;
  /** In order of arrival. */
  readonly ticket: number;
  /** When the latest of its timers is due, by the clock that timers go by. */
  dueAtMs: number;
}

/** Timers of the platform count whole milliseconds: one that is due by so much too late is right. */
const PRECISION_MS = 1;

/**
 * A token bucket and the callers that wait for its tokens, first come first served. Each who waits has a timer of its own, for its turn:
 * should that of another be lost, it goes on all the same. It is the permit of all calls as well: a token is spent, however its call ends.
 */
export class RateLimiter implements StateGuard, Permit {
  readonly #options: ResolvedRateLimitOptions;
  readonly #bucket: TokenBucket;
  readonly #clock: Clock;
  readonly #age: AgeClock;
  readonly #sink: PolicySink;
  /** In order of arrival. */
  readonly #waiting = new Set<Waiter>();
  #tickets = 0;
  /** How long the caller must wait that was not admitted, and asks `deny` next. */
  #waitMs = 0;

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
    // Timers may be late: those who wait come first all the same.
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
    const waiter: Waiter = { start, timers: new Set(), ticket: this.#tickets++, dueAtMs: 0 };
    const unsubscribe = cancellation?.subscribe(() => {
      this.#leave(waiter);
      this.#hasten(this.#age.now());
      end(new Refusal(cancellation.reason));
    });
    this.#waiting.add(waiter);
    this.#arm(waiter, this.#waiting.size, this.#age.now());
    return promise;
  }

  /** Gives the tokens that are there to those who wait. */
  #serve(nowMs: number): void {
    for (const waiter of this.#waiting) {
      if (this.#bucket.waitMs(1, nowMs) > 0) break;
      this.#bucket.take();
      this.#leave(waiter);
      waiter.start();
    }
    this.#hasten(nowMs);
  }

  #leave(waiter: Waiter): void {
    this.#waiting.delete(waiter);
    for (const cancel of waiter.timers) cancel();
  }

  /**
   * Sees to it that the first who waits has a timer for the next token: somebody before it may have left, or its timer was lost. It keeps
   * its other one, for this one goes with the request that arms it, where timers do.
   */
  #hasten(nowMs: number): void {
    const [first] = this.#waiting;
    if (first === undefined) return;
    const leftMs = first.dueAtMs - this.#clock.now();
    if (leftMs < 0 || leftMs > this.#bucket.waitMs(1, nowMs) + PRECISION_MS) this.#arm(first, 1, nowMs);
  }

  /** @param place - Of the waiter among those who wait: 1 is the first. */
  #arm(waiter: Waiter, place: number, nowMs: number, atLeastMs = 0): void {
    // There it looks by itself, see `beginTurn`.
    if (isTiedToRequests()) return;
    // Time must pass: a wait that is lost in the clock's rounding would be armed again for ever.
    const leastMs = Math.abs(nowMs) * Number.EPSILON;
    const waitMs = Math.max(this.#bucket.waitMs(place, nowMs), leastMs, atLeastMs);
    waiter.dueAtMs = this.#clock.now() + waitMs;
    const cancel = startTimer(this.#clock, waitMs, () => {
      waiter.timers.delete(cancel);
      waiter.dueAtMs = -Infinity;
      this.#wake(waiter);
    });
    waiter.timers.add(cancel);
  }

  /** Its turn should be there. It may not: timers fire early, and those of others are late or lost. */
  #wake(waiter: Waiter): void {
    const nowMs = this.#age.now();
    this.#serve(nowMs);
    if (!this.#waiting.has(waiter) || waiter.dueAtMs !== -Infinity) return;
    const [first] = this.#waiting;
    // At most: some of those between may have left. Each of them takes a timer's turn.
    const place = waiter.ticket - first!.ticket + 1;
    this.#arm(waiter, place, nowMs, place * PRECISION_MS);
  }

  #refuse(call: Call, retryAfter: number): Refusal {
    const { key } = this;
    emitPolicyEvent<RateLimitEvent>(this.#sink, 'rateLimit', this.#clock, call, { retryAfter }, key);
    return new Refusal(withoutStack(() => new RateLimitedError(call.operation, retryAfter, key), this.#options.rejectionStacks));
  }
}
