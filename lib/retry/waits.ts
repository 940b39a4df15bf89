import type { Args } from '../core/call';
import { systemClock, type Clock } from '../core/clock';
import { remainingMs } from '../core/deadline';
import { systemRandom, type Random } from '../core/random';
import type { Guard } from '../core/policy';
import type { Delays } from './delays';
import { whatOf, type Failure } from './failure';
import type { ResolvedRetryOptions } from './options';
import type { Retrying } from './retrying';
import type { Wait } from './wait';

/** How long to wait at a time for a circuit that is open without end: somebody may close it at any moment. */
const LOOK_AGAIN_MS = 30_000;

/** Decides how long calls wait: by the backoff, the server, the circuit, and the time that is left. */
export class Waits {
  readonly #options: ResolvedRetryOptions;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(
    options: ResolvedRetryOptions,
    private readonly delays: Delays,
    /** The guards that an attempt meets. */
    private readonly inside: readonly Guard[],
  ) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? systemRandom;
  }

  /** The wait before another attempt, in milliseconds; undefined when there is to be none, for it would be too long. */
  beforeAttempt(retrying: Retrying, failure: Failure, attempt: number): number | undefined {
    const { call, self, args, previousMs } = retrying;
    const wait = this.delays.after(attempt, whatOf(failure), previousMs, call.operation);
    if (wait === undefined) return undefined;
    const blockedMs = this.#blockedMs(self, args);
    return blockedMs > 0 ? this.#untilRecovery(retrying, wait, blockedMs) : this.#drawn(retrying, wait);
  }

  /** The wait of a call that the circuit rejected; undefined when it is not to wait for that, or would wait too long. */
  beforeCircuit(retrying: Retrying): number | undefined {
    const blockedMs = this.#blockedMs(retrying.self, retrying.args);
    // Open, it says when it recovers. Half open, others probe it for who knows how long.
    const timesTaken = blockedMs > 0 ? 1 : (retrying.timesTaken ?? 0) + 1;
    const wait = this.delays.backoff(timesTaken, timesTaken === 1 ? undefined : retrying.previousTakenMs);
    const delayMs = this.#untilRecovery(retrying, wait, blockedMs);
    retrying.timesTaken = timesTaken;
    retrying.previousTakenMs = delayMs;
    return delayMs;
  }

  /** Whether a wait ends in time: by the call's own deadline, and by that of the calls around it. */
  fits({ call, startedAtMs }: Retrying, delayMs: number): boolean {
    const { maxElapsed } = this.#options;
    const isInTime = maxElapsed === undefined || this.#clock.now() - startedAtMs + delayMs <= maxElapsed;
    return isInTime && delayMs <= remainingMs(call.limit);
  }

  /** The time that is left. */
  roomMs({ call, startedAtMs }: Retrying): number {
    const { maxElapsed } = this.#options;
    const ownMs = maxElapsed === undefined ? Infinity : maxElapsed - (this.#clock.now() - startedAtMs);
    return Math.min(ownMs, remainingMs(call.limit));
  }

  /** How long an attempt could not be admitted. */
  #blockedMs(self: unknown, args: Args): number {
    return Math.max(0, ...this.inside.map((guard) => guard.blockedMs?.(self, args) ?? 0));
  }

  #untilRecovery(retrying: Retrying, wait: Wait, blockedMs: number): number | undefined {
    if (!this.#options.waitForCircuit || !this.fits(retrying, blockedMs)) return undefined;
    return this.#drawn(retrying, wait.atLeast(blockedMs === Infinity ? LOOK_AGAIN_MS : blockedMs));
  }

  #drawn(retrying: Retrying, wait: Wait): number | undefined {
    return this.fits(retrying, wait.leastMs) ? wait.draw(this.#random, this.roomMs(retrying)) : undefined;
  }
}
