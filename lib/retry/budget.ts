import { ageClockOf, type AgeClock, systemClock, type Clock } from '../core/clock';
import { constrained, optional, options, type Checked } from '../core/check';
import { gavePromise } from '../core/call-safely';
import { type Duration, atLeast, clock, duration, fn, integer, resolve, text } from '../core/options';
import { SLICES, TimeRing } from '../core/time-ring';
import { reportThrow } from '../core/warn';
import { BUDGET, type RetryBudgetSource } from './budget-source';

/** Options of a retry budget: how many retries calls earn, or what a quota holds, and what a retry costs. */
export interface RetryBudgetOptions {
  /** One budget for all operations of the registry, in this process, that name the group. Its numbers are those of the first; give the same ones elsewhere, or none. @defaultValue a budget of its own */
  group?: string | undefined;
  /** What each call deposits: retries allowed as a share of calls; ≥ 0. @defaultValue 0.2 */
  ratio?: number | undefined;
  /** Retries a second that are allowed however few calls there are; ≥ 0. 0 starts empty. @defaultValue 10 */
  minPerSecond?: number | undefined;
  /** Time after which an unused deposit expires; > 0. @defaultValue '10s' */
  ttl?: Duration | undefined;
  /** Instead of the three above: what there is at the start and at most; integer ≥ 1. A call that works gives back what its last retry had withdrawn, or 1 when it needed none. @defaultValue off */
  quota?: number | undefined;
  /** What the retry of an error withdraws, ≥ 0; a run without one, as after a refused value or beside a slow one, withdraws 1. @defaultValue 1 */
  cost?: ((error: unknown) => number) | undefined;
  /** @defaultValue the system's clock */
  clock?: Clock | undefined;
}

/** The schema of {@link RetryBudgetOptions}. It fills in no defaults: a group that comes with numbers may disagree, one without cannot. */
export const budgetSchema = /* @__PURE__ */ constrained(
  /* @__PURE__ */ options({
    group: optional(text()),
    ratio: optional(atLeast(0)),
    minPerSecond: optional(atLeast(0)),
    ttl: optional(duration({ exclusive: true })),
    quota: optional(integer(1)),
    cost: optional(fn<(error: unknown) => number>()),
    clock: optional(clock()),
  }),
  (given, blame) => {
    const others = (['ratio', 'minPerSecond', 'ttl'] as const).filter((name) => given[name] !== undefined);
    if (given.quota !== undefined && others.length > 0) blame('quota', __DEV__ && `quota and ${others.join(', ')} exclude each other`);
  },
);

export type ResolvedBudgetOptions = Checked<typeof budgetSchema>;

/** The numbers of a budget: of the one kind, or of the other. */
export type BudgetNumbers = { readonly quota: number } | { readonly ratio: number; readonly minPerSecond: number; readonly ttl: number };

/** The numbers of a budget, with the defaults of those that were not given; `ttl` in milliseconds. */
export function numbersOf({ quota, ratio = 0.2, minPerSecond = 10, ttl = 10_000 }: ResolvedBudgetOptions): BudgetNumbers {
  return quota === undefined ? { ratio, minPerSecond, ttl } : { quota };
}

/**
 * Bounds retries, so that they cannot multiply the load of a dependency that is failing: to a share of calls (`ratio`,
 * `minPerSecond`, `ttl`), or to a `quota` that only calls that work fill up again. A retry withdraws its `cost`.
 *
 * One budget may be given to any number of operations, of any registry.
 */
export class RetryBudget implements RetryBudgetSource {
  readonly #bucket: Quota | Share;
  readonly #cost: ResolvedBudgetOptions['cost'];

  /** @throws {@link ConfigurationError} that names every problem of the options. */
  constructor(given: RetryBudgetOptions = {}) {
    const options = resolve(budgetSchema, given, 'new RetryBudget');
    const numbers = numbersOf(options);
    this.#cost = options.cost;
    this.#bucket =
      'quota' in numbers
        ? new Quota(numbers.quota)
        : new Share(numbers.ratio, numbers.minPerSecond, numbers.ttl, ageClockOf(given.clock ?? systemClock));
  }

  /** The same budget for all. */
  [BUDGET](): this {
    return this;
  }

  /** What can be withdrawn now. */
  get balance(): number {
    return this.#bucket.balance;
  }

  /** Called for each call. */
  deposit(): void {
    this.#bucket.deposit();
  }

  /** Asks for the retry of an error. @returns What that withdrew, ≥ 0; undefined when there was not enough. */
  withdraw(error: unknown): number | undefined {
    const cost = this.#costOf(error);
    if (this.#bucket.balance < cost) return undefined;
    this.#bucket.take(cost);
    return cost;
  }

  /** As `withdraw`. @returns Whether there was enough. */
  tryWithdraw(error: unknown): boolean {
    return this.withdraw(error) !== undefined;
  }

  /**
   * Called for each call that worked. A `quota` gets something back for it; other budgets do not.
   *
   * @param withdrawn - What its last retry had withdrawn. @defaultValue 1, for a call that needed none
   */
  giveBack(withdrawn = 1): void {
    this.#bucket.giveBack(withdrawn);
  }

  #costOf(error: unknown): number {
    const cost = this.#cost;
    // Without an error, as after a refused value or for a hedge, there is nothing to ask about.
    if (cost === undefined || error === undefined) return 1;
    try {
      const asked = cost(error);
      if (Number.isFinite(asked) && asked >= 0) return asked;
      if (gavePromise(cost, `The budget's 'cost'`, asked, 'a retry withdraws 1')) return 1;
      throw new TypeError(`cost must give a number >= 0, not ${String(asked)}`);
    } catch (thrown) {
      reportThrow(cost, `The budget's 'cost'`, thrown);
      return 1;
    }
  }
}

/**
 * A share of the calls, over a sliding `ttl`: each call deposits `ratio`, and `minPerSecond` is there in any case.
 *
 * @see https://finagle.github.io/blog/2016/02/08/retry-budgets/
 */
class Share {
  /** Deposits less withdrawals, by the slice of the ttl in which they were made. */
  readonly #slices = new Float64Array(SLICES);
  readonly #ring: TimeRing;
  readonly #minimum: number;

  constructor(
    private readonly ratio: number,
    minPerSecond: number,
    ttlMs: number,
    private readonly age: AgeClock,
  ) {
    this.#minimum = (minPerSecond * ttlMs) / 1000;
    this.#ring = new TimeRing(ttlMs, (slot) => {
      this.#slices[slot] = 0;
    });
  }

  get balance(): number {
    this.#ring.advance(this.age.now());
    return this.#slices.reduce((sum, slice) => sum + slice, this.#minimum);
  }

  deposit(): void {
    this.take(-this.ratio);
  }

  take(amount: number): void {
    this.#ring.advance(this.age.quickNow());
    const { slot } = this.#ring;
    this.#slices[slot] = (this.#slices[slot] ?? 0) - amount;
  }

  /** What was withdrawn is spent: what comes back are the deposits of later calls. */
  giveBack(): void {
    // Nothing to do.
  }
}

/**
 * A quota that starts full and comes back with calls that work, never above what it was. No time is in it: while nothing
 * works, nothing comes back.
 *
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html "Retry quota"
 */
class Quota {
  balance: number;

  constructor(private readonly capacity: number) {
    this.balance = capacity;
  }

  /** A call as such brings nothing, only one that works. */
  deposit(): void {
    // Nothing to do.
  }

  take(amount: number): void {
    this.balance -= amount;
  }

  giveBack(amount: number): void {
    this.balance = Math.min(this.capacity, this.balance + amount);
  }
}
