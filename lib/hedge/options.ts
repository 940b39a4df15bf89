import { budgetOption, type RetryBudgetSource } from '../retry/budget-source';
import { type Duration, commonOptions, duration, integer, ratio, type CommonOptions } from '../core/options';
import { idempotence, type Idempotent, outcomeOptions, type OutcomeOptions } from '../core/outcome';
import { choice, isRecord, optional, options, type Check, type Checked } from '../core/check';
import { WINDOW } from './latencies';

/** A delay that follows how long the function takes. */
export interface QuantileDelay {
  /** The share of runs that are to end before the delay: at 0.95, about one call in twenty is hedged; > 0, ≤ 1. */
  quantile: number;
  /** Latencies that must have been measured before the quantile is believed; integer ≥ 1 and ≤ 1000. @defaultValue 20 */
  minSamples?: number | undefined;
  /** The delay until then; ≥ 0. @defaultValue none: until then nothing is hedged */
  initial?: Duration | undefined;
}

/** Options of a hedge: when another run starts beside one that takes long, and how many. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export interface HedgeOptions<F = any> extends CommonOptions {
  /** Time after which another run starts beside those that have not ended: a duration ≥ 0, or `{ quantile, minSamples, initial }` for a measured one, the quantile of the last 1000 latencies. */
  delay: Duration | QuantileDelay;
  /** Runs that may start beside the first; integer ≥ 1. @defaultValue 1 */
  maxHedges?: number | undefined;
  /** Whether the function may run twice for one call: `true`, `false`, or `(...args) => boolean`, which judges a call by its arguments. A call that may not is never hedged; a predicate that throws counts as `false`. @defaultValue hedged, with one warning that asks for it */
  idempotent?: Idempotent<F> | undefined;
  /** Which errors start the next run at once: an error class, a list of them, or `(error) => boolean`; any other is an answer, and ends the call. @defaultValue every error but aborts, configuration errors, and rejections by a circuit or another policy, which leave it to the other runs */
  handle?: OutcomeOptions['handle'];
  /** Which errors do not start the next run; same forms as `handle`, and wins over it. @defaultValue none */
  ignore?: OutcomeOptions['ignore'];
  /** Bounds hedges to a share of calls, each run beside the first withdraws from it: `retryBudget({ … })`, or a `RetryBudget`. The object form of `withPolicies` takes the options themselves. @defaultValue the budget of the retry around the hedge, if it has one */
  budget?: RetryBudgetSource | undefined;
}

const quantileSchema = /* @__PURE__ */ options({
  quantile: ratio({ exclusive: true }),
  minSamples: optional(integer(1, { max: WINDOW }), 20),
  initial: optional(duration()),
});

const { handle, ignore } = outcomeOptions;

/** The schema of {@link HedgeOptions}: ranges and defaults. @param budget - The check of the option `budget`. */
export const hedgeSchemaWith = (budget: Check<RetryBudgetSource>) => options({
  ...commonOptions,
  delay: choice((given): Check<number | Checked<typeof quantileSchema>> =>
    isRecord(given) ? quantileSchema : duration(),
  ),
  maxHedges: optional(integer(1), 1),
  idempotent: optional(idempotence()),
  handle,
  ignore,
  budget: optional(budget),
}, __DEV__ && "a duration, such as '2s'");

export const hedgeSchema = /* @__PURE__ */ hedgeSchemaWith(/* @__PURE__ */ budgetOption());

export type ResolvedHedgeOptions = Checked<typeof hedgeSchema>;
