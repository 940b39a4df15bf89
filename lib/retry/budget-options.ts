import type { Clock } from '../core/clock';
import type { Duration } from '../core/duration';
import { constrained, optional, options, type Checked } from '../core/check';
import { atLeast, clock, duration, fn, integer, text } from '../core/options';

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
  options({
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
