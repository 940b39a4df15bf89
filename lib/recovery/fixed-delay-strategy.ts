import { fixed } from '../retry/backoff';
import { planOf } from './attempt-plan';
import { PlannedStrategy } from './planned-strategy';
import type { RetryConfig } from './retry-config';
import type { StrategyInjection } from './strategy-injection';

/** Waits `baseDelay`, spread by `jitter`, whatever the attempt. */
export class FixedDelayStrategy extends PlannedStrategy {
  /** @throws {@link ConfigurationError} that names every wrong option. */
  constructor(config: RetryConfig = {}, injection: StrategyInjection = {}) {
    super(planOf('new FixedDelayStrategy', fixed, config, injection));
  }
}
