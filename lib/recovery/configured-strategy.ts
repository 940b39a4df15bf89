import { exponential } from '../retry/backoff';
import { systemClock, type Clock } from '../core/clock';
import { systemRandom } from '../core/random';
import { AttemptPlan } from './attempt-plan';
import type { RetryConfig } from './retry-config';
import type { RetryReason } from './retry-reason';
import type { RetryStrategy } from './retry-strategy';

/** Which of a call's options are about delays. */
const DELAY_OPTIONS = ['baseDelay', 'maxDelay', 'exponentialBase', 'jitter'] as const;

/**
 * A user's strategy that knows nothing of `forOperation`, under a call's own config: the config governs attempts, and
 * delays once it says anything about them; the rest is the strategy's.
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
