import { exponential } from '../retry/backoff';
import { planOf } from './attempt-plan';
import { PlannedStrategy } from './planned-strategy';
import type { RetryConfig } from './retry-config';
import type { StrategyInjection } from './strategy-injection';

/** Waits `baseDelay · exponentialBase^attempt` (attempts counted from 0), at most `maxDelay`, spread by `jitter`. */
export class ExponentialBackoffStrategy extends PlannedStrategy {
  /** @throws {@link ConfigurationError} that names every wrong option. */
  constructor(config: RetryConfig = {}, injection: StrategyInjection = {}) {
    super(planOf('new ExponentialBackoffStrategy', exponential, config, injection));
  }
}
