import { type Duration, atLeast, commonOptions, duration, flag, integer, oneOf, ratio, type CommonOptions } from '../core/options';
import { groupOptions, type GroupOptions } from '../core/groups';
import { keyOptions, type KeyOptions } from '../core/keyed-states';
import { choice, constrained, optional, options, when, type Check, type Checked } from '../core/check';
import { outcomeOptions, type OutcomeOptions } from '../core/outcome';

/** Where an adaptive limit starts, and how low it may go. `maxConcurrent` is its upper bound. */
export interface AdaptiveBounds {
  /** Calls that may run at a time at first; integer ≥ 1, from `minLimit` to `maxConcurrent`. @defaultValue 20, within those bounds */
  initialLimit?: number | undefined;
  /** Calls that may always run; integer ≥ 1, at most `maxConcurrent`. @defaultValue 1 */
  minLimit?: number | undefined;
}

/** A limit that grows by one while calls work, and shrinks by a share when one fails or is slow. The options for what is a failure are those of a breaker. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export interface AimdOptions<F = any> extends AdaptiveBounds, OutcomeOptions<F> {
  /** Additive increase, multiplicative decrease. */
  algorithm: 'aimd';
  /** What a failed or slow call leaves of the limit, as a share; ≥ 0.5, below 1. @defaultValue 0.9 */
  backoffRatio?: number | undefined;
  /** A call that takes longer than this (> 0) once it has its slot is too slow, and shrinks the limit as a failure does. @defaultValue off: failures alone do */
  slowCallDuration?: Duration | undefined;
}

/** A limit that shrinks as calls take longer than they do when few run, and grows while they do not. Failures count only when they are slow. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export interface GradientOptions<F = any> extends AdaptiveBounds, OutcomeOptions<F> {
  /** By the gradient of latency. */
  algorithm: 'gradient';
  /** How much longer than with few calls a call may take, as a factor; ≥ 1. Raise it where latency rises gently with load. @defaultValue 1.05 */
  tolerance?: number | undefined;
  /** How far each round of calls moves the limit towards its estimate; > 0, ≤ 1. @defaultValue 0.2 */
  smoothing?: number | undefined;
  /** Calls by which the limit tries to grow while latency is low, and that then queue at the dependency; ≥ 0. @defaultValue a fiftieth of the limit, ½ at least */
  queueSize?: number | undefined;
}

/** Options of a bulkhead: how many calls may run at a time, and how many may wait. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export interface BulkheadOptions<F = any> extends CommonOptions, KeyOptions<F>, GroupOptions {
  /** Calls that may run at a time; integer ≥ 1. With `adaptive`, the most that may. */
  maxConcurrent: number;
  /** Calls that may wait for a slot, first in, first out; integer ≥ 0, or `Infinity`. @defaultValue 0 */
  maxQueue?: number | undefined;
  /** The longest a call waits for a slot; > 0, or `Infinity`. Needs a `maxQueue`. @defaultValue none: until its deadline, if it has one */
  maxWait?: Duration | undefined;
  /** Finds out how many calls the dependency takes: `'aimd'` by failures, `'gradient'` by latency; or an object with `algorithm` and its options. @defaultValue off */
  adaptive?: 'aimd' | 'gradient' | AimdOptions<F> | GradientOptions<F> | undefined;
  /** Capture a stack trace for every rejection, which then takes several times as long. @defaultValue false */
  rejectionStacks?: boolean | undefined;
}

const bounds = {
  initialLimit: optional(integer(1)),
  minLimit: optional(integer(1), 1),
};

const backoffRatio = /* @__PURE__ */ when<number>(
  (input) => typeof input === 'number' && input >= 0.5 && input < 1,
  __DEV__ && 'must be a share >= 0.5 and < 1',
);

export const aimdSchema = /* @__PURE__ */ options({
  algorithm: oneOf('aimd'),
  ...bounds,
  ...outcomeOptions,
  backoffRatio: optional(backoffRatio, 0.9),
  slowCallDuration: optional(duration({ exclusive: true })),
});

export const gradientSchema = /* @__PURE__ */ options({
  algorithm: oneOf('gradient'),
  ...bounds,
  ...outcomeOptions,
  tolerance: optional(atLeast(1), 1.05),
  smoothing: optional(ratio({ exclusive: true }), 0.2),
  queueSize: optional(atLeast(0)),
});

export type ResolvedAdaptiveOptions = Checked<typeof aimdSchema> | Checked<typeof gradientSchema>;

const algorithms = /* @__PURE__ */ new Map<unknown, Check<ResolvedAdaptiveOptions>>([['aimd', aimdSchema], ['gradient', gradientSchema]]);
const anyAlgorithm = /* @__PURE__ */ when<never>(() => false, __DEV__ && `must be 'aimd', 'gradient', or { algorithm: 'aimd' or 'gradient', ... }`);

const adaptiveOptions = /* @__PURE__ */ choice((given): Check<ResolvedAdaptiveOptions> => {
  const byName = algorithms.get(given);
  if (byName !== undefined) return (algorithm, issues, path) => byName({ algorithm }, issues, path);
  return algorithms.get((given as Partial<AimdOptions> | null)?.algorithm) ?? anyAlgorithm;
});

/** The schema of {@link BulkheadOptions}: ranges and defaults. */
export const bulkheadSchema = /* @__PURE__ */ constrained(
  options({
    ...commonOptions,
    ...keyOptions,
    ...groupOptions,
    rejectionStacks: optional(flag()),
    maxConcurrent: integer(1),
    maxQueue: optional(integer(0, { infinity: true }), 0),
    maxWait: optional(duration({ exclusive: true, infinity: true })),
    adaptive: optional(adaptiveOptions),
  }, __DEV__ && 'a number of calls'),
  (given, blame) => {
    const { maxConcurrent, maxQueue, maxWait, adaptive, group } = given;
    if (maxWait !== undefined && maxQueue === 0) blame('maxWait', __DEV__ && 'no call waits without a queue: give maxQueue');
    if (group !== undefined && maxQueue !== undefined && maxQueue > 0 && (maxWait ?? Infinity) === Infinity) {
      blame('maxWait', __DEV__ && 'a queue in a group needs one: calls of a group can wait for each other');
    }
    const { initialLimit, minLimit } = (adaptive ?? {}) as Partial<ResolvedAdaptiveOptions>;
    for (const [option, value] of [['initialLimit', initialLimit], ['minLimit', minLimit]] as const) {
      if (typeof value === 'number' && typeof maxConcurrent === 'number' && value > maxConcurrent) {
        blame(`adaptive.${option}`, __DEV__ && `must not be above maxConcurrent (${maxConcurrent})`);
      }
    }
    if (initialLimit !== undefined && minLimit !== undefined && initialLimit < minLimit) {
      blame('adaptive.initialLimit', __DEV__ && `must not be below minLimit (${minLimit})`);
    }
  },
);

export type ResolvedBulkheadOptions = Checked<typeof bulkheadSchema>;
