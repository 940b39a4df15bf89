import type { AttemptPlan } from './attempt-plan';
import type { RetryConfig } from './retry-config';
import type { RetryStrategy } from './retry-strategy';

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
