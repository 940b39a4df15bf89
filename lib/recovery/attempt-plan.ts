import type { Backoff } from '../retry/backoff';
import { spread } from '../retry/backoff';
import { isCancelled } from '../core/cancelled';
import type { Clock } from '../core/clock';
import { isRejection } from '../core/errors';
import { resolve, type Checked } from '../core/check';
import type { Random } from '../core/random';
import { overlay, retryConfigSchema, type RetryConfig } from './retry-config';
import { checkStrategy, clockOf, randomOf, type StrategyInjection } from './strategy-injection';

/** What `jitter: true` means in a strategy. */
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

  /** The plan of a call that says something itself. @throws {@link ConfigurationError} */
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
    const { baseDelay, maxDelay, exponentialBase, jitter } = this.#config;
    const computedMs = this.backoff(attempt + 1, {
      baseDelayMs: baseDelay,
      maxDelayMs: maxDelay,
      exponentialBase,
      previousMs: undefined,
      random: this.random,
    });
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
