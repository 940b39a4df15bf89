import { AdaptiveBackoff } from '../retry/backoff';
import { exponential } from '../retry/backoff';
import type { Clock } from '../core/clock';
import { optional, options, resolve } from '../core/check';
import { integer } from '../core/options';
import { AttemptPlan, PlannedStrategy } from './backoff-strategies';
import { retryConfigEntries, withOrderedDelays, checkStrategy, clockOf, randomOf, type RetryConfig, type StrategyInjection } from './retry-config';
import { UNNAMED, type RetryStrategy } from './retry-strategy';

export interface AdaptiveConfig extends RetryConfig {
  /** How many of an operation's last attempts it learns from; integer ≥ 1. @defaultValue 10 */
  windowSize?: number | undefined;
}

const adaptiveSchema = withOrderedDelays(options({ ...retryConfigEntries, windowSize: optional(integer(1), 10) }));

/**
 * Exponential backoff that learns from each operation's last attempts: delays double while fewer than 70 % of them worked
 * and are halved from there on; below 30 %, a call ends with its third attempt.
 */
export class AdaptiveStrategy implements RetryStrategy {
  readonly clock: Clock;
  readonly #plan: AttemptPlan;
  readonly #windowSize: number;
  readonly #backoffs = new Map<string, AdaptiveBackoff>();

  /** @throws {@link ConfigurationError} that names every wrong option. */
  constructor(config: AdaptiveConfig = {}, injection: StrategyInjection = {}) {
    const subject = 'new AdaptiveStrategy';
    checkStrategy(subject, adaptiveSchema, config, injection);
    const { windowSize } = resolve(adaptiveSchema, config, subject);
    const { windowSize: _, ...rest } = config;
    this.clock = clockOf(injection);
    this.#windowSize = windowSize;
    this.#plan = new AttemptPlan(subject, exponential, rest, this.clock, randomOf(injection));
  }

  get maxAttempts(): number {
    return this.#plan.maxAttempts;
  }

  shouldRetry(attempt: number, error: unknown): boolean {
    return this.forOperation(UNNAMED).shouldRetry(attempt, error);
  }

  getDelay(attempt: number): number {
    return this.forOperation(UNNAMED).getDelay(attempt);
  }

  recordAttempt(success: boolean): void {
    this.forOperation(UNNAMED).recordAttempt(success);
  }

  forOperation(name: string, config?: RetryConfig): AdaptiveOperation {
    return new AdaptiveOperation(this.#plan.for(config), this.#backoffOf(name));
  }

  #backoffOf(name: string): AdaptiveBackoff {
    const backoff = this.#backoffs.get(name) ?? new AdaptiveBackoff(this.#windowSize);
    this.#backoffs.set(name, backoff);
    return backoff;
  }
}

/** From this attempt on (counted from 0), trying again is given up while fewer of the last results were successes. */
const WATCHED_FROM = 2;
const LEAST_SUCCESS_RATE = 0.3;

/** {@link AdaptiveStrategy} for one operation. */
class AdaptiveOperation extends PlannedStrategy {
  constructor(
    plan: AttemptPlan,
    private readonly backoff: AdaptiveBackoff,
  ) {
    super(plan);
  }

  override shouldRetry(attempt: number, error: unknown): boolean {
    return this.plan.allows(attempt, error) && (attempt < WATCHED_FROM || this.backoff.successRate >= LEAST_SUCCESS_RATE);
  }

  override getDelay(attempt: number): number {
    return this.plan.delayMs(attempt, this.backoff.factor);
  }

  override recordAttempt(success: boolean): void {
    this.backoff.record(success);
  }
}
