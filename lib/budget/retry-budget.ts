import * as v from 'valibot';
import { systemClock, type Clock } from '../core/clock';
import { disown } from '../core/contained';
import type { Duration } from '../core/duration';
import { atLeast, duration, fn, having, options, resolve, text } from '../core/options';
import { reportThrow } from '../core/warn';
import { SLICES, slotOf, TimeRing } from '../window/time-ring';

export interface RetryBudgetOptions {
  /** Budgets of the same name are one budget. @defaultValue a budget of its own */
  name?: string | undefined;
  /** What each call deposits: retries allowed as a share of calls; ≥ 0. @defaultValue 0.2 */
  ratio?: number | undefined;
  /** Retries a second that are allowed however few calls there are; ≥ 0. 0 starts empty. @defaultValue 10 */
  minPerSecond?: number | undefined;
  /** Time after which an unused deposit expires; > 0. @defaultValue '10s' */
  ttl?: Duration | undefined;
  /** What the retry of an error withdraws. @defaultValue 1 */
  cost?: ((error: unknown) => number) | undefined;
  /** @defaultValue the system's clock */
  clock?: Clock | undefined;
}

export const budgetSchema = options({
  name: v.optional(text()),
  ratio: v.optional(atLeast(0), 0.2),
  minPerSecond: v.optional(atLeast(0), 10),
  ttl: v.optional(duration({ exclusive: true }), '10s'),
  cost: v.optional(fn<(error: unknown) => number>()),
  clock: v.optional(having<Clock>('a clock', 'now', 'setTimeout', 'clearTimeout')),
});

/**
 * Bounds retries to a share of calls, so that they cannot multiply the load of a dependency that is failing.
 *
 * A token bucket over a sliding `ttl`: each call deposits `ratio`, `minPerSecond` is there in any case, and a retry
 * withdraws its cost.
 *
 * @see https://finagle.github.io/blog/2016/02/08/retry-budgets/
 */
export class RetryBudget {
  readonly #settings: v.InferOutput<typeof budgetSchema>;
  readonly #clock: Clock;
  /** Deposits less withdrawals, by the slice of the ttl in which they were made. */
  readonly #slices = new Float64Array(SLICES);
  readonly #ring: TimeRing;

  /** @throws {@link ConfigurationError} */
  constructor(given: RetryBudgetOptions = {}) {
    this.#settings = resolve(budgetSchema, given, 'new RetryBudget');
    this.#clock = given.clock ?? systemClock;
    this.#ring = new TimeRing(this.#settings.ttl, (slot) => {
      this.#slices[slot] = 0;
    });
  }

  /** What can be withdrawn now. */
  get balance(): number {
    this.#ring.advance(this.#clock.now());
    const { minPerSecond, ttl } = this.#settings;
    return this.#slices.reduce((sum, slice) => sum + slice, (minPerSecond * ttl) / 1000);
  }

  /** Tells of a call. */
  deposit(): void {
    this.#ring.advance(this.#clock.now());
    this.#add(this.#settings.ratio);
  }

  /** Asks for the retry of an error. @returns Whether there was enough. */
  tryWithdraw(error: unknown): boolean {
    const cost = this.#costOf(error);
    if (this.balance < cost) return false;
    this.#add(-cost);
    return true;
  }

  #costOf(error: unknown): number {
    const { cost } = this.#settings;
    if (cost === undefined) return 1;
    try {
      const asked = cost(error);
      if (Number.isFinite(asked) && asked >= 0) return asked;
      disown(asked);
      throw new TypeError(`cost must give a number >= 0, not ${String(asked)}`);
    } catch (thrown) {
      reportThrow(cost, `The budget's 'cost'`, thrown);
      return 1;
    }
  }

  #add(amount: number): void {
    const slot = slotOf(this.#ring.newest);
    this.#slices[slot] = (this.#slices[slot] ?? 0) + amount;
  }
}

const named = new Map<string, RetryBudget>();

/** The budget that an option stands for. */
export function toBudget(given: RetryBudget | RetryBudgetOptions, clock: Clock): RetryBudget {
  if (given instanceof RetryBudget) return given;
  const make = (): RetryBudget => new RetryBudget({ clock, ...given });
  if (given.name === undefined) return make();
  const budget = named.get(given.name) ?? make();
  named.set(given.name, budget);
  return budget;
}
