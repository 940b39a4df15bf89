import { isCancelled } from '../core/cancelled';
import { resolve, type Checked } from '../core/check';
import { systemClock, type Clock } from '../core/clock';
import { isRejection } from '../core/errors';
import { systemRandom, type Random } from '../core/random';
import { exponential, fixed, type Backoff } from '../retry/backoff';
import { spread } from '../retry/backoff';
import { overlay, retryConfigSchema, checkStrategy, clockOf, randomOf, type RetryConfig, type StrategyInjection } from './retry-config';
import type { RetryReason, RetryStrategy } from './retry-strategy';

/** The ratio that `jitter: true` stands for in a strategy. */
const JITTER = 0.1;

/** How often a call is tried, and how long it waits in between: what all strategies have in common. */
export class AttemptPlan {
  readonly #given: RetryConfig;
  readonly #config: Checked<typeof retryConfigSchema>;

  /** @throws {@link ConfigurationError} */
  constructor(
    private readonly subject: string,
    private readonly backoff: Backoff,
    given: RetryConfig,
    readonly clock: Clock,
    private readonly random: Random,
  ) {
    this.#config = resolve(retryConfigSchema, given, subject);
    this.#given = { ...given };
  }

  /** The plan of a call with options of its own. @throws {@link ConfigurationError} */
  for(config: RetryConfig | undefined): AttemptPlan {
    if (config === undefined) return this;
    return new AttemptPlan(this.subject, this.backoff, overlay(this.#given, config), this.clock, this.random);
  }

  get maxAttempts(): number {
    return this.#config.maxAttempts;
  }

  /** Whether another attempt may follow attempt `attempt` (from 0), which failed with `error`. */
  allows(attempt: number, error: unknown): boolean {
    return attempt + 1 < this.maxAttempts && isWorthRetrying(error);
  }

  /** Milliseconds to wait after attempt `attempt` (from 0); `factor` multiplies them before the cap. */
  delayMs(attempt: number, factor = 1): number {
    const { maxDelay, jitter } = this.#config;
    const computedMs = this.backoff(attempt + 1, { ...this.#config, previousMs: undefined, random: this.random });
    return spread(Math.min(maxDelay, computedMs * factor), jitter === true ? JITTER : jitter, maxDelay, this.random);
  }
}

/**
 * The plan of a new strategy.
 *
 * @throws {@link ConfigurationError} that names every problem of both `config` and `injection`.
 */
export function planOf(subject: string, backoff: Backoff, config: RetryConfig, injection: StrategyInjection): AttemptPlan {
  checkStrategy(subject, retryConfigSchema, config, injection);
  return new AttemptPlan(subject, backoff, config, clockOf(injection), randomOf(injection));
}

/** A cancellation, a rejection by a policy or a wrong configuration stays what it is; a time-out may pass. */
function isWorthRetrying(error: unknown): boolean {
  return !isCancelled(error) && !isRejection(error);
}

/** Follows a plan, and learns nothing: what it does next depends on the attempt alone. The other strategies build on it. */
export class PlannedStrategy implements RetryStrategy {
  /** @internal */
  constructor(protected readonly plan: AttemptPlan) {}

  get maxAttempts(): number {
    return this.plan.maxAttempts;
  }

  get clock() {
    return this.plan.clock;
  }

  shouldRetry(attempt: number, error: unknown): boolean | PromiseLike<boolean> {
    return this.plan.allows(attempt, error);
  }

  getDelay(attempt: number): number | PromiseLike<number> {
    return this.plan.delayMs(attempt);
  }

  recordAttempt(_success: boolean): void | PromiseLike<unknown> {
    // Nothing is learnt.
  }

  forOperation(_name: string, config?: RetryConfig): RetryStrategy {
    return config === undefined ? this : new PlannedStrategy(this.plan.for(config));
  }
}

/** Waits `baseDelay · exponentialBase^attempt` (attempts counted from 0), at most `maxDelay`, spread by `jitter`. */
export class ExponentialBackoffStrategy extends PlannedStrategy {
  /** @throws {@link ConfigurationError} that names every wrong option. */
  constructor(config: RetryConfig = {}, injection: StrategyInjection = {}) {
    super(planOf('new ExponentialBackoffStrategy', exponential, config, injection));
  }
}

/** Waits `baseDelay`, spread by `jitter`, whatever the attempt. */
export class FixedDelayStrategy extends PlannedStrategy {
  /** @throws {@link ConfigurationError} that names every wrong option. */
  constructor(config: RetryConfig = {}, injection: StrategyInjection = {}) {
    super(planOf('new FixedDelayStrategy', fixed, config, injection));
  }
}

/** Which of a call's options are about delays. */
const DELAY_OPTIONS = ['baseDelay', 'maxDelay', 'exponentialBase', 'jitter'] as const;

/**
 * A user's strategy without `forOperation`, under a call's own config: the config sets the attempts, and the delays when it
 * has an option for them; the strategy does the rest.
 */
export class ConfiguredStrategy implements RetryStrategy {
  readonly maxAttempts: number | undefined;
  readonly clock: Clock | undefined;
  readonly execute: RetryStrategy['execute'];
  readonly #plan: AttemptPlan | undefined;

  /** @throws {@link ConfigurationError} */
  constructor(
    private readonly strategy: RetryStrategy,
    config: RetryConfig,
  ) {
    this.maxAttempts = config.maxAttempts ?? strategy.maxAttempts;
    this.clock = strategy.clock;
    this.execute = strategy.execute?.bind(strategy);
    if (DELAY_OPTIONS.every((name) => config[name] === undefined)) return;
    this.#plan = new AttemptPlan('executeWithRetry', exponential, config, this.clock ?? systemClock, systemRandom);
  }

  shouldRetry(attempt: number, error: unknown, reason: RetryReason): boolean | PromiseLike<boolean> {
    return this.strategy.shouldRetry(attempt, error, reason);
  }

  getDelay(attempt: number, reason: RetryReason): number | PromiseLike<number> {
    return this.#plan?.delayMs(attempt) ?? this.strategy.getDelay(attempt, reason);
  }

  recordAttempt(success: boolean, reason?: RetryReason): void | PromiseLike<unknown> {
    return this.strategy.recordAttempt(success, reason);
  }
}
