import type { ResolvedAdaptiveOptions } from './options';

/** The state of the limit when a call was admitted. */
interface Admitted {
  /** The limit's round. */
  readonly round: number;
  /** Calls that ran then, itself included. */
  readonly running: number;
}

/** The measurement of one call, from which a limit learns. */
export interface Sample extends Admitted {
  /** How long it took, from its slot on: a wait in the queue says nothing about the dependency. */
  readonly durationMs: number;
  readonly isFailure: boolean;
}

/** A limit that learns from the calls it lets through. */
export interface AdaptiveLimit {
  /** Calls that may run at a time; a whole number, from `minLimit` to `maxConcurrent`. */
  readonly limit: number;
  /**
   * Grows when the limit was corrected. A call of an earlier round ran beside more or fewer others than there may be now, and
   * counts for nothing: else one overload would be answered once for each call that was in it.
   */
  readonly round: number;
  record(sample: Sample): void;
}

/** Between which bounds a limit moves, and where it starts. */
interface LimitBounds {
  readonly initialLimit: number;
  readonly minLimit: number;
  readonly maxLimit: number;
}

function within({ minLimit, maxLimit }: LimitBounds, limit: number): number {
  return Math.max(minLimit, Math.min(maxLimit, limit));
}

export interface AimdSettings extends LimitBounds {
  /** A drop multiplies the limit by this; from 0.5, below 1. */
  readonly backoffRatio: number;
  /** A call that takes longer is a drop, in milliseconds. */
  readonly slowCallDuration?: number | undefined;
}

/**
 * Additive increase, multiplicative decrease, as TCP controls congestion: a window of calls that work adds one to the limit
 * (each call adds `1 / limit`), a drop multiplies it by `backoffRatio` and takes one off at least. A drop is a failure, or a
 * call that took longer than `slowCallDuration`.
 *
 * Calls that were running when the limit was lowered do not lower it again (RFC 6582 reduces once for each window of data),
 * and it grows only while at least half of it is used (RFC 7661): more says nothing about a limit that is not reached.
 *
 * @see D. Chiu, R. Jain: Analysis of the Increase and Decrease Algorithms for Congestion Avoidance in Computer Networks, 1989
 * @see https://www.rfc-editor.org/rfc/rfc5681#section-3.1
 * @see https://github.com/Netflix/concurrency-limits (`AIMDLimit`)
 */
export class AimdLimit implements AdaptiveLimit {
  round = 0;
  #exact: number;

  readonly #settings: AimdSettings;

  constructor(settings: AimdSettings) {
    this.#settings = settings;
    this.#exact = settings.initialLimit;
  }

  get limit(): number {
    return Math.floor(this.#exact);
  }

  record({ round, running, durationMs, isFailure }: Sample): void {
    if (round !== this.round) return;
    const { slowCallDuration = Infinity } = this.#settings;
    if (isFailure || durationMs > slowCallDuration) this.#decrease();
    else if (running >= this.#exact / 2) this.#exact = within(this.#settings, this.#exact + 1 / this.#exact);
  }

  #decrease(): void {
    const oneLess = this.limit - 1;
    this.#exact = within(this.#settings, Math.min(oneLess, this.#exact * this.#settings.backoffRatio));
    this.round++;
  }
}

export interface GradientSettings extends LimitBounds {
  /** How much longer than the baseline calls may take before the limit shrinks, as a factor; ≥ 1. */
  readonly tolerance: number;
  /** How far a round moves the limit towards what it computes; > 0, ≤ 1. */
  readonly smoothing: number;
  /** Calls by which the limit grows while latency is low; undefined for a fiftieth of the limit, ½ at least. */
  readonly queueSize?: number | undefined;
}

/** Calls of a round, at least: the mean of fewer is mostly noise. */
const FEWEST_SAMPLES = 10;

/** Rounds after which the baseline is measured again, if no round was idle enough to do so in passing. */
const BASELINE_AGE_ROUNDS = 30;

/** How far a new measurement moves the baseline. */
const BASELINE_WEIGHT = 0.5;

/** So that latencies of 0, as a coarse clock measures them, can be divided. */
const SHORTEST_MS = 0.001;

/**
 * The limit after a round whose calls took `shortMs` on average, where they take `longMs` when nothing queues:
 *
 * ```text
 * gradient = tolerance · longMs / shortMs, from 0.5 to 2
 * newLimit = limit · gradient + queueSize
 * limit    = limit · (1 − smoothing) + newLimit · smoothing
 * ```
 *
 * It comes to rest where latency is `tolerance / (1 − queueSize / limit)` times the baseline. The gradient may exceed 1, as in
 * Envoy: cut off there, noise could only ever lower the limit.
 *
 * @see https://github.com/Netflix/concurrency-limits (`Gradient2Limit`)
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/adaptive_concurrency_filter
 */
export function gradientStep(limit: number, longMs: number, shortMs: number, settings: GradientSettings): number {
  const { tolerance, smoothing, queueSize = Math.max(0.5, limit / 50) } = settings;
  const gradient = Math.max(0.5, Math.min(2, (tolerance * longMs) / shortMs));
  const newLimit = limit * gradient + queueSize;
  return within(settings, limit * (1 - smoothing) + newLimit * smoothing);
}

/**
 * Moves the limit by how much longer calls take now than they do when nothing queues, round by round: a round is as many calls
 * as the limit, all begun within it.
 *
 * Gradient2 takes the long-term mean of all latencies for the baseline. Under steady load that mean follows the queue it should
 * be compared with, and the limit creeps up without end. Here only rounds that used half of the limit at most, or no more
 * than the baseline was measured at, are averaged. When there was none for a while, the limit is halved for one round to
 * make one, as BBR probes for the round-trip time.
 */
export class GradientLimit implements AdaptiveLimit {
  round = 0;
  #exact: number;
  #baselineMs: number | undefined;
  /** How many calls ran at most when the baseline was measured. */
  #baselineRunning = 0;
  #baselineAge = 0;
  /** Whether this round measures the baseline; the first one does. */
  #isProbe = true;

  // Of this round:
  #samples = 0;
  #totalMs = 0;
  #mostRunning = 0;

  readonly #settings: GradientSettings;

  constructor(settings: GradientSettings) {
    this.#settings = settings;
    this.#exact = settings.initialLimit;
  }

  get limit(): number {
    return Math.floor(this.#isProbe ? within(this.#settings, this.#exact / 2) : this.#exact);
  }

  record({ round, running, durationMs, isFailure }: Sample): void {
    if (round !== this.round) return;
    // A quick failure would make a failing dependency look fast; one as slow as a success says as much.
    if (isFailure && durationMs < (this.#baselineMs ?? Infinity)) return;
    this.#samples++;
    this.#totalMs += durationMs;
    this.#mostRunning = Math.max(this.#mostRunning, running);
    if (this.#samples >= Math.max(FEWEST_SAMPLES, this.limit)) this.#endRound();
  }

  #endRound(): void {
    const meanMs = Math.max(SHORTEST_MS, this.#totalMs / this.#samples);
    const isUsed = this.#mostRunning > this.#exact / 2;
    const isUnloaded = this.#isProbe || !isUsed || this.#mostRunning <= this.#baselineRunning;
    if (isUnloaded) this.#learnBaseline(meanMs);
    else this.#baselineAge++;
    if (isUsed && !this.#isProbe) this.#move(meanMs);
    this.#isProbe = this.#baselineAge >= BASELINE_AGE_ROUNDS;
    this.#samples = this.#totalMs = this.#mostRunning = 0;
    this.round++;
  }

  #learnBaseline(meanMs: number): void {
    const beforeMs = this.#baselineMs ?? meanMs;
    this.#baselineMs = beforeMs + BASELINE_WEIGHT * (meanMs - beforeMs);
    this.#baselineRunning = this.#mostRunning;
    this.#baselineAge = 0;
  }

  #move(shortMs: number): void {
    const longMs = this.#baselineMs ?? shortMs;
    this.#exact = gradientStep(this.#exact, longMs, shortMs, this.#settings);
    // Calls have become much faster: the baseline is out of date, and would let too many run. As in Gradient2.
    if (longMs / shortMs > 2) this.#baselineMs = longMs * 0.9;
  }
}

/** The default of `initialLimit`, as in Netflix' library. */
const INITIAL_LIMIT = 20;

export function limitFor(options: ResolvedAdaptiveOptions, maxLimit: number): AdaptiveLimit {
  const { minLimit, initialLimit = Math.max(minLimit, Math.min(maxLimit, INITIAL_LIMIT)) } = options;
  const bounds = { initialLimit, minLimit, maxLimit };
  return options.algorithm === 'aimd' ? new AimdLimit({ ...options, ...bounds }) : new GradientLimit({ ...options, ...bounds });
}
