import { ageClockOf, type AgeClock, systemClock, type Clock } from '../core/clock';
import { type Duration, copyOptions, duration, fn, flag, commonOptions, integer, oneOf, atLeast, ratio, OF_THE_SITE, type CommonOptions } from '../core/options';
import type { KeyFunction } from '../core/keyed-states';
import { choice, constrained, optional, options, problems, refuse as refuseOption, resolve, when, type Check, type Checked } from '../core/check';
import { ConfigurationError, type ConfigurationIssue } from '../core/errors';
import { classifierOf, outcomeOptions, type Classify, type Classifier, type OutcomeOptions } from '../core/outcome';
import type { EventSink } from '../core/observers';
import { systemRandom, type Random } from '../core/random';
import { asText, cut, propertyOf } from '../core/safe-inspect';
import type { BreakerEvents } from './events';
import type { TripRuleFactory } from './trip-rules';

/** When a rate trips: at least `minimumCalls` outcomes in the window, and a rate at or over its limit. */
export interface WindowRates {
  /** Outcomes needed before a rate is judged; integer ≥ 1. @defaultValue `size` of a count window; 20 for a time window */
  minimumCalls?: number | undefined;
  /** Share of failures that trips; > 0, ≤ 1. @defaultValue 0.5 */
  failureRate?: number | undefined;
  /** A call that takes longer than this (> 0) is slow; goes with `slowCallRate`. @defaultValue off */
  slowCallDuration?: Duration | undefined;
  /** Share of slow calls that trips; > 0, ≤ 1. @defaultValue off */
  slowCallRate?: number | undefined;
}

/** Rates of the last `size` outcomes (integer from 1 to 10,000,000), or of those of the last `duration` (> 0); or so many `failures` (integer from 1 to 1,000,000) within the `duration`. */
export type WindowOptions =
  | (WindowRates & ({ type: 'count'; size: number; duration?: never; failures?: never } | { type: 'time'; duration: Duration; size?: never; failures?: undefined }))
  | ({ type: 'time'; duration: Duration; failures: number; size?: never } & { [R in keyof WindowRates]?: never });

/** Options of a circuit breaker, by which it decides when to open, when to try again, and what counts. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export interface BreakerOptions<F = any> extends OutcomeOptions<F>, CommonOptions {
  /** Operation name. Two sites that give the same name share one breaker; their options must agree. @defaultValue `Class.method`, or the function's name */
  name?: string | undefined;
  /** Consecutive failures that open the circuit; integer ≥ 1, or `Infinity`: it counts and never opens. @defaultValue 5 */
  failureThreshold?: number | undefined;
  /** Time the circuit stays open before it is half open; > 0; `Infinity`: only `reset` closes it. @defaultValue '60s' */
  recoveryTimeout?: Duration | undefined;
  /** Trip on rates, instead of the consecutive count. @defaultValue off */
  window?: WindowOptions | undefined;
  /**
   * A trip rule of your own, instead of the consecutive count and of a window: makes the rule of each closed period. It is called once more
   * where it is given, to see that it makes one. @defaultValue off
   */
  tripRule?: TripRuleFactory | undefined;
  /**
   * Each failed recovery multiplies the open time: the n-th consecutive reopening waits `recoveryTimeout · factor^n`, at
   * most `max` (> 0, default '10m', and at least `recoveryTimeout`), spread by ± `jitter` (0–1, default 0). `factor` ≥ 1, default 2. @defaultValue off
   */
  recoveryBackoff?: { factor?: number | undefined; max?: Duration | undefined; jitter?: number | undefined } | undefined;
  /**
   * `maxCalls`: probes at once, integer ≥ 1, default 1. `successThreshold`: successes that close, integer ≥ 1, default
   * `maxCalls`. `probeTimeout`: time after which a silent probe loses its slot, > 0, default `recoveryTimeout`. @defaultValue as said
   */
  halfOpen?:
    | { maxCalls?: number | undefined; successThreshold?: number | undefined; probeTimeout?: Duration | undefined }
    | undefined;
  /** Full control over outcomes; replaces `handle`, `ignore` and `handleResult`. */
  classify?: Classify | undefined;
  /** One breaker per key (host, tenant, shard) under the operation, from the call's arguments. */
  key?: KeyFunction<F> | undefined;
  /** Keyed breakers kept; integer ≥ 1. @defaultValue 1000 */
  maxKeys?: number | undefined;
  /** Idle time after which a keyed breaker is dropped, unless it is open or has calls in flight; > 0. @defaultValue '10m' */
  idleKeys?: Duration | undefined;
  /** `'class'`: shared by all instances; `'instance'`: one each, garbage-collected with it. @defaultValue 'class' */
  scope?: 'class' | 'instance' | undefined;
  /** Capture a stack trace for every rejection, which then takes six to seven times as long (measured in `bench/`). @defaultValue false */
  rejectionStacks?: boolean | undefined;
}

const time = /* @__PURE__ */ duration({ exclusive: true });
const share = /* @__PURE__ */ ratio({ exclusive: true });
const number = /* @__PURE__ */ integer(1);

const rates = {
  minimumCalls: optional(number),
  failureRate: optional(share, 0.5),
  slowCallDuration: optional(time),
  slowCallRate: optional(share),
};

/** Outcomes of a count window, a byte each. */
const LARGEST_WINDOW = 10_000_000;

const countWindow = /* @__PURE__ */ options({ type: oneOf('count'), size: integer(1, { max: LARGEST_WINDOW }), ...rates });
const timeWindow = /* @__PURE__ */ options({ type: oneOf('time'), duration: time, ...rates });
/** Times of failures, eight bytes each. */
const MOST_FAILURES = 1_000_000;

const failuresInTime = /* @__PURE__ */ options({ type: oneOf('time'), duration: time, failures: integer(1, { max: MOST_FAILURES }) });
const anyWindow = /* @__PURE__ */ when<never>(() => false, __DEV__ && `must be { type: 'count', size, ... } or { type: 'time', duration, ... }`);

type ResolvedWindow = Checked<typeof countWindow> | Checked<typeof timeWindow> | Checked<typeof failuresInTime>;

const windowOptions = /* @__PURE__ */ constrained(
  choice((given): Check<ResolvedWindow> => {
    const { type, failures } = (given ?? {}) as Partial<WindowOptions>;
    if (type === 'count') return countWindow;
    if (type !== 'time') return anyWindow;
    return failures === undefined ? timeWindow : failuresInTime;
  }),
  (given, blame) => {
    const { minimumCalls, slowCallDuration, slowCallRate } = given as Partial<Checked<typeof countWindow>>;
    if (given.type === 'count' && (minimumCalls ?? -Infinity) > (given.size ?? Infinity)) {
      blame('minimumCalls', __DEV__ && `must not be above size (${given.size})`);
    }
    if ((slowCallDuration === undefined) !== (slowCallRate === undefined)) {
      blame(slowCallRate === undefined ? 'slowCallRate' : 'slowCallDuration', __DEV__ && 'slowCallDuration and slowCallRate go together');
    }
  },
);

/** Factories that have made a rule. Each is tried once, where it is given: a wrong one is refused then, and not reported at a call. */
const tried = /* @__PURE__ */ new WeakSet<TripRuleFactory>();

const ruleFactory: Check<TripRuleFactory> = (given, issues, path) => {
  const factory = given as TripRuleFactory;
  let threw = '';
  try {
    if (tried.has(factory) || typeof propertyOf(factory({ failureCount: 0 }), 'record') === 'function') {
      tried.add(factory);
      return factory;
    }
  } catch (thrown) {
    if (__DEV__ && typeof given === 'function') threw = `; it threw ${cut(asText(thrown), 200)}`;
  }
  return refuseOption(issues, path, given, __DEV__ && `must be a function that makes a trip rule (with record)${threw}`);
};

const breakerEntries = {
  ...commonOptions,
  failureThreshold: optional(integer(1, { infinity: true }), 5),
  recoveryTimeout: optional(duration({ exclusive: true, infinity: true }), '60s'),
  window: optional(windowOptions),
  tripRule: optional(ruleFactory),
  recoveryBackoff: optional(
    options({
      factor: optional(atLeast(1), 2),
      max: optional(time, '10m'),
      jitter: optional(ratio(), 0),
    }),
  ),
  halfOpen: optional(
    options({
      maxCalls: optional(number, 1),
      successThreshold: optional(number),
      probeTimeout: optional(time),
    }),
    {},
  ),
  ...outcomeOptions,
  classify: optional(fn<Classify>()),
  key: optional(fn<KeyFunction>()),
  maxKeys: optional(number, 1000),
  idleKeys: optional(time, '10m'),
  scope: optional(oneOf('class', 'instance'), 'class'),
  rejectionStacks: optional(flag(), false),
};

/** The schema of {@link BreakerOptions}: ranges and defaults. Any levels of options that are right by themselves go together. */
export const levelSchema = /* @__PURE__ */ constrained(/* @__PURE__ */ options(breakerEntries), ({ key, scope }, blame) => {
  if (key !== undefined && scope === 'instance') blame('key', __DEV__ && `key and scope: 'instance' exclude each other`);
});

export type ResolvedBreakerOptions = Checked<typeof levelSchema>;

/** Everything a breaker reads of its options, resolved once and shared by all breakers that have the same. */
export interface BreakerSettings {
  /** The levels they were made of. */
  readonly levels: readonly (BreakerOptions | undefined)[];
  readonly options: ResolvedBreakerOptions;
  readonly classifier: Classifier;
  readonly clock: Clock;
  /** That of the clock. */
  readonly age: AgeClock;
  readonly random: Random;
  /** Milliseconds after which a call is slow. */
  readonly slowAfterMs: number;
  /** Milliseconds after which a silent probe loses its slot. */
  readonly probeTimeout: number;
  /** Whether each attempt must be timed: slow calls count, or `classify` asks for durations. */
  readonly isTimed: boolean;
}

/** One object for all breakers without options of their own: an idle one costs little memory. */
let defaults: BreakerSettings | undefined;

/** The schema of one level by itself: of several levels, a window at any wins; but one object must not ask for two ways of tripping. */
export const ownSchema = /* @__PURE__ */ constrained(levelSchema, (_resolved, blame, given) => {
  const [first, ...others] = ['tripRule', 'window', 'failureThreshold'].filter((name) => (given as Record<string, unknown>)[name] !== undefined);
  for (const name of others) blame(name, __DEV__ && `${first} replaces ${name}: give one of them`);
});

/**
 * The settings that levels of options make together, the later ones over the earlier ones. Nested objects replace whole.
 *
 * @throws {@link ConfigurationError}
 */
export function breakerSettings(levels: readonly (BreakerOptions | undefined)[], subject: string): BreakerSettings {
  const given = levels.flatMap((level) => Object.entries(level ?? {})).filter(([, value]) => value !== undefined);
  if (given.every(([name]) => OF_THE_SITE.includes(name))) return (defaults ??= settingsOf([], resolve(levelSchema, {}, subject)));
  return settingsOf(levels, resolve(levelSchema, Object.fromEntries(given), subject));
}

/** The name, settings and observers that a breaker gets from its operation, or from its own options. */
export interface BreakerHome {
  readonly name: string;
  readonly key?: string | undefined;
  readonly settings: BreakerSettings;
  readonly sink?: EventSink<BreakerEvents> | undefined;
}

/** One breaker serves all calls. */
export const singleSchema = /* @__PURE__ */ constrained(ownSchema, ({ key, scope }, blame) => {
  const message = __DEV__ && 'a single breaker serves all calls: protect a function or method to have several';
  if (key !== undefined) blame('key', message);
  else if (scope === 'instance') blame('scope', message);
});

/** The name and settings of a breaker by itself. @throws {@link ConfigurationError} */
export function settingsAlone(options: BreakerOptions): BreakerHome {
  const subject = 'new Breaker';
  resolve(singleSchema, options, subject);
  return { name: options.name ?? 'anonymous', settings: breakerSettings([copyOptions(options)], subject) };
}

function settingsOf(levels: BreakerSettings['levels'], resolved: ResolvedBreakerOptions): BreakerSettings {
  const { clock = systemClock, random = systemRandom, window, halfOpen, recoveryTimeout } = resolved;
  const { slowCallDuration: slowAfterMs = Infinity } = (window ?? {}) as { slowCallDuration?: number };
  const classifier = classifierOf(resolved);
  return {
    levels,
    options: resolved,
    classifier,
    clock,
    age: ageClockOf(clock),
    random,
    slowAfterMs,
    probeTimeout: halfOpen.probeTimeout ?? recoveryTimeout,
    isTimed: classifier.timed || slowAfterMs !== Infinity,
  };
}

/** Options that cannot change while a breaker lives. */
const FIXED = ['name', 'stream', 'key', 'scope', 'registry', 'clock', 'signal', 'allow'] as const;

/**
 * Checks a partial change of a live breaker's options.
 *
 * @throws {@link ConfigurationError}
 */
export function checkLiveOptions(given: BreakerOptions, subject: string): void {
  const issues = liveProblems(given);
  if (issues.length > 0) throw new ConfigurationError(subject, issues);
}

/** The problems of a partial change of a live breaker's options. */
export function liveProblems(given: BreakerOptions): ConfigurationIssue[] {
  const refused = FIXED.filter((name) => (given as BreakerOptions | null)?.[name] !== undefined);
  const issues = refused.map((path) => ({ path, message: __DEV__ ? 'cannot be changed on a live breaker' : 'invalid', received: given[path] }));
  return [...issues, ...problems(ownSchema, given)];
}
