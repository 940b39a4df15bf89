import { ageClockOf } from '../core/age-clock';
import { systemClock, type Clock } from '../core/clock';
import { gavePromise } from '../core/contained';
import { resolve } from '../core/options';
import { propertyOf } from '../core/thrown';
import { reportThrow } from '../core/warn';
import type { Bucket } from './bucket';
import { budgetSchema, numbersOf, type ResolvedBudgetOptions, type RetryBudgetOptions } from './budget-options';
import { Quota } from './quota';
import { Share } from './share';

const BUDGET: unique symbol = Symbol.for('breaker-box.is-budget') as never;

/**
 * Bounds retries, so that they cannot multiply the load of a dependency that is failing: to a share of calls (`ratio`,
 * `minPerSecond`, `ttl`), or to a `quota` that only calls that work fill up again. A retry withdraws its `cost`.
 *
 * One budget may be given to any number of operations.
 */
export class RetryBudget {
  /** @internal Told by this: it may be of another copy of the package. */
  readonly [BUDGET] = true as const;
  readonly #bucket: Bucket;
  readonly #cost: ResolvedBudgetOptions['cost'];

  /** @throws {@link ConfigurationError} that names every problem of the options. */
  constructor(given: RetryBudgetOptions = {}) {
    const options = resolve(budgetSchema, given, 'new RetryBudget');
    this.#cost = options.cost;
    this.#bucket = bucketOf(options, given.clock ?? systemClock);
  }

  /** What can be withdrawn now. */
  get balance(): number {
    return this.#bucket.balance;
  }

  /** Tells of a call. */
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
   * Tells of a call that worked. A `quota` gets something back for it; other budgets do not.
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

function bucketOf(options: ResolvedBudgetOptions, clock: Clock): Bucket {
  const numbers = numbersOf(options);
  return 'quota' in numbers ? new Quota(numbers.quota) : new Share(numbers.ratio, numbers.minPerSecond, numbers.ttl, ageClockOf(clock));
}

/** Whether a value is a budget, of this copy of the package or of another. */
export function isRetryBudget(value: unknown): value is RetryBudget {
  return propertyOf(value, BUDGET) === true;
}
