import { exponential } from '../retry/backoff';
import type { Clock } from '../core/clock';
import type { Breaker } from '../breaker/breaker';
import type { BreakerState } from '../breaker/events';
import type { BreakerOptions } from '../breaker/options';
import { breakerOf as breakerIn } from '../registry/breaker-of';
import { BreakerRegistry } from '../registry/registry';
import { planOf, PlannedStrategy, type AttemptPlan } from './backoff-strategies';
import type { RetryConfig, StrategyInjection } from './retry-config';
import { UNNAMED, type RetryStrategy } from './retry-strategy';
import { isBreaker } from '../breaker/observer';

/** From the best to the worst. */
const STATES: readonly BreakerState[] = ['closed', 'half_open', 'open'];

/**
 * Exponential backoff behind a circuit breaker. Every operation has a breaker of its own: a success of one can not
 * reset the failures of another.
 */
export class CircuitBreakerStrategy implements RetryStrategy {
  readonly #plan: AttemptPlan;
  readonly #registry: BreakerRegistry;
  readonly #breakerOptions: BreakerOptions;
  readonly #names = new Set<string>();

  /** @throws {@link ConfigurationError} that names every wrong option. */
  constructor(config: RetryConfig = {}, injection: StrategyInjection = {}) {
    this.#plan = planOf('new CircuitBreakerStrategy', exponential, config, injection);
    const { clock, random, registry } = injection;
    const { failureThreshold, recoveryTimeout } = config;
    this.#registry = (registry as BreakerRegistry | undefined) ?? new BreakerRegistry({ clock, random });
    this.#breakerOptions = { failureThreshold, recoveryTimeout, clock, random };
  }

  get maxAttempts(): number {
    return this.#plan.maxAttempts;
  }

  get clock(): Clock {
    return this.#plan.clock;
  }

  /** The worst state of its operations: `open`, else `half_open`, else `closed`. */
  get state(): BreakerState {
    const rank = this.#breakers().reduce((worst, { state }) => Math.max(worst, STATES.indexOf(state)), 0);
    return STATES[rank] ?? 'closed';
  }

  /** The largest count of consecutive failures of its operations. */
  get failureCount(): number {
    return this.#breakers().reduce((largest, { failureCount }) => Math.max(largest, failureCount), 0);
  }

  /** The state of one operation's circuit; `closed` while it was never called. */
  stateOf(operationName: string): BreakerState {
    return this.#registry.get(operationName)?.state ?? 'closed';
  }

  /**
   * The breaker of one operation, made when it is not there: to listen to, to reset, to force open.
   *
   * @throws {@link OperationConflictError} when the registry has it with other options, or one for each key.
   */
  breakerOf(operationName: string): Breaker {
    const known = this.#names.has(operationName) ? this.#registry.get(operationName) : undefined;
    if (isBreaker(known)) return known;
    const breaker = breakerIn(operationName, this.#breakerOptions, this.#registry);
    this.#names.add(operationName);
    return breaker;
  }

  shouldRetry(attempt: number, error: unknown): boolean {
    return this.forOperation(UNNAMED).shouldRetry(attempt, error);
  }

  getDelay(attempt: number): number {
    return this.#plan.delayMs(attempt);
  }

  recordAttempt(success: boolean): void {
    this.forOperation(UNNAMED).recordAttempt(success);
  }

  forOperation(name: string, config?: RetryConfig): CircuitBreakerOperation {
    return new CircuitBreakerOperation(this.#plan.for(config), this.breakerOf(name));
  }

  #breakers(): Breaker[] {
    return Array.from(this.#names, (name) => this.#registry.get(name)).filter(isBreaker);
  }
}

/** {@link CircuitBreakerStrategy} for one operation. */
class CircuitBreakerOperation extends PlannedStrategy {
  constructor(
    plan: AttemptPlan,
    private readonly breaker: Breaker,
  ) {
    super(plan);
  }

  execute<T>(attempt: () => T | PromiseLike<T>, options: { readonly signal?: AbortSignal | undefined }): Promise<Awaited<T>> {
    return this.breaker.execute(attempt, options);
  }

  override shouldRetry(attempt: number, error: unknown): boolean {
    return this.plan.allows(attempt, error) && this.breaker.state !== 'open';
  }

  /** For those who run attempts themselves: what began before the circuit opened does not count. */
  override recordAttempt(success: boolean): void {
    if (this.breaker.state === 'open') return;
    const permit = this.breaker.tryAcquire();
    if (success) permit?.success();
    else permit?.failure();
  }
}
