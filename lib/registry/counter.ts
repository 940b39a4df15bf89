import { aboutCall, Call } from '../core/call';
import { systemClock, type Clock } from '../core/clock';
import { ConfigurationError } from '../core/errors';
import { Observers } from '../core/observers';
import { classifierOf, outcomeOf, thrownOf, type Outcome, type Result } from '../core/outcome';
import { permitBy } from '../core/pass';
import type { Permit } from '../core/policy';
import { propertyOf } from '../core/safe-inspect';
import type { Breaker } from '../breaker/breaker';
import { BREAKER_EVENTS, type BreakerEvents } from '../breaker/events';
import { emitTo, isBreaker, type BreakerObserver, type BreakerObservers } from '../breaker/observer';
import type { BreakerPermit } from '../breaker/permit';
import { statsJson, statsOf, type BreakerStats } from '../breaker/stats';
import { equipment, type BreakerGroup } from './group';
import type { Operation } from './operation';

const classifier = /* @__PURE__ */ classifierOf({});

/** What nothing happens to that never opens. */
const NEVER = { rejected: 0, late: 0, slow: 0, opens: 0, openedAt: undefined };

/**
 * Counts the attempts of an operation that no policy gives a breaker. All that can be read of a breaker can be read of it, and it never opens. What
 * changes a breaker, or runs through one, throws a {@link ConfigurationError}: `instanceof Breaker` tells them apart.
 */
export class Counter implements BreakerGroup {
  readonly name: string;
  readonly key = undefined;
  readonly state = 'closed';
  readonly retryAfter = 0;
  readonly override = undefined;
  failureCount = 0;
  #successes = 0;
  #failures = 0;
  #ignored = 0;
  #lastError: unknown = undefined;
  #observers: BreakerObservers | undefined;
  /** The permit of an attempt that began here, of the breaker that has taken this one's place. */
  #permitOfBreaker: ((call: Call | undefined, elapsedMs: number) => BreakerPermit) | undefined;
  readonly #operation: Operation;
  /** For all attempts that nobody can cancel and nobody watches. Made for the first: an idle counter has none. */
  #plain: Permit | undefined;

  constructor(operation: Operation) {
    this.name = operation.name;
    this.#operation = operation;
  }

  /** @internal It serves all calls. */
  get single(): this {
    return this;
  }

  /** @internal */
  get clock(): Clock {
    return this.#operation.registry.injected.clock ?? systemClock;
  }

  get stats(): BreakerStats {
    const [successes, failures, ignored] = [this.#successes, this.#failures, this.#ignored];
    const counts = { ...NEVER, successes, failures, ignored, lastError: this.#lastError, failureCount: this.failureCount };
    return statsOf(counts, { calls: successes + failures, failures, slow: 0 });
  }

  /** The listener stays when a breaker takes its place. Breakers by key or instance have listeners of their own. */
  on<E extends keyof BreakerEvents>(type: E, listener: (event: BreakerEvents[E]) => unknown): () => void {
    return this.#listeners.on(type, listener);
  }

  /** Adds an observer: each of its methods is a listener of the events of that name. They stay when a breaker takes its place. */
  observe(observer: BreakerObserver): () => void {
    return this.#listeners.observe(observer);
  }

  reset(): void {
    this.failureCount = this.#successes = this.#failures = this.#ignored = 0;
    this.#lastError = undefined;
  }

  toJSON(): object {
    return { name: this.name, state: this.state, stats: statsJson(this.stats) };
  }

  /** @internal Lets a breaker go on where this one is: attempts in flight end in the closed period that begins now, and are late when it is over by then. */
  passOnTo(breaker: Breaker): void {
    const { closed } = breaker;
    this.#permitOfBreaker = (call = new Call(this.name), elapsedMs) => closed.admit(call, breaker.now() - elapsedMs);
    breaker.events = this.#listeners;
    breaker.successes = closed.successes = this.#successes;
    breaker.failures = closed.failures = this.#failures;
    breaker.ignored = this.#ignored;
    breaker.streak = this.failureCount;
    breaker.rememberFailure(this.#lastError);
  }

  /** It admits every attempt. */
  async ready(): Promise<void> {
    // It has nothing to wait for.
  }

  /** It has nothing to open. @throws {@link ConfigurationError} */
  trip(): never {
    return refuseCounter('trip', this.name);
  }

  execute(): never {
    return refuseCounter('execute', this.name);
  }

  executeSync(): never {
    return refuseCounter('executeSync', this.name);
  }

  acquire(): never {
    return refuseCounter('acquire', this.name);
  }

  tryAcquire(): never {
    return refuseCounter('tryAcquire', this.name);
  }

  // The guard of its operation

  /** @internal */
  admit(call: Call): Permit {
    return call.isPlain && this.#observers?.hot !== true ? (this.#plain ??= this.#permit()) : this.#permit(call, this.clock.now());
  }

  /** @internal */
  deny(): never {
    throw new Error('a counter admits every attempt');
  }

  get #listeners(): BreakerObservers {
    return (this.#observers ??= new Observers(BREAKER_EVENTS));
  }

  #permit(call?: Call, startedAtMs = 0): Permit {
    const { name } = this;
    const cancellation = call?.cancellation;
    const settle = (result: Result, known?: Outcome): void => {
      const permit = this.#permitOfBreaker?.(call, call === undefined ? 0 : this.clock.now() - startedAtMs);
      if (permit !== undefined) {
        permit.settle(result, known);
        return;
      }
      const outcome = known ?? outcomeOf(classifier, name, result, 0, cancellation);
      this.#count(outcome, result.error);
      call?.counted(outcome, 'closed');
      if (call === undefined) return;
      const sinks = [this.#observers, this.#operation.registry.events];
      emitTo(sinks, outcome, this, () => ({ ...aboutCall(call), duration: this.clock.now() - startedAtMs, ...result }));
    };
    return permitBy(settle, (error) => thrownOf(error, name, cancellation));
  }

  #count(outcome: Outcome, error: unknown): void {
    if (outcome === 'ignored') this.#ignored++;
    else if (outcome === 'success') {
      this.#successes++;
      this.failureCount = 0;
    } else {
      this.#failures++;
      this.failureCount++;
      this.#lastError = error;
    }
  }
}

/** @throws {@link ConfigurationError}: what only counts has no state to change. */
export function refuseCounter(call: string, name: string): never {
  const message = __DEV__ ? 'only counts: no policy gives it a breaker; add one, such as withBreaker or `breaker: {}`' : 'only counts';
  throw new ConfigurationError(`${call} of ${name}`, [{ path: '', message, received: name }], name);
}

/** Whether a value is a counter, of this copy of the package or of another. */
export function isCounter(value: unknown): value is Counter {
  return value !== undefined && propertyOf(value, 'single') === value && !isBreaker(value);
}

/** Lets operations count without a breaker. */
export function bringCounters(): void {
  equipment.counter ??= (operation) => new Counter(operation);
}
