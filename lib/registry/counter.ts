import type { Call } from '../core/call';
import { wallTime, type Clock } from '../core/clock';
import { ConfigurationError } from '../core/errors';
import { Observers, type EventSink } from '../core/observers';
import { CALLERS_ABORT, judge, toBeJudged, type Outcome } from '../core/outcome';
import type { Permit } from '../core/policy';
import { Rejection } from '../core/rejection';
import { BREAKER_EVENTS, type BreakerEvents } from '../breaker/events';
import { statsJson, statsOf, type BreakerStats } from '../breaker/stats';
import type { Breaker } from '../breaker/breaker';
import type { BreakerGroup } from './breaker-group';

const classify = /* @__PURE__ */ judge({}).error;

interface Listener {
  remove: () => void;
  readonly listenTo: (breaker: Pick<Breaker, 'on'>) => () => void;
}

/** Counts the attempts of an operation that no policy gives a breaker. It has what can be read of a breaker, and never opens. */
export class Counter implements BreakerGroup {
  readonly isCounter = true;
  readonly key = undefined;
  readonly state = 'closed';
  readonly retryAfter = 0;
  readonly override = undefined;
  readonly inFlight = 0;
  readonly rejected = 0;
  readonly late = 0;
  readonly slow = 0;
  readonly opens = 0;
  readonly openedAt = undefined;
  failureCount = 0;
  successes = 0;
  failures = 0;
  ignored = 0;
  #lastError: unknown = undefined;
  #events: Observers<BreakerEvents> | undefined = undefined;
  readonly #listeners = new Set<Listener>();
  readonly #plain: Permit;

  constructor(
    readonly name: string,
    private readonly sink: EventSink<BreakerEvents>,
    private readonly clock: Clock,
  ) {
    this.#plain = this.#permit(undefined, undefined);
  }

  get stats(): BreakerStats {
    const { successes, failures } = this;
    return statsOf(this, { calls: successes + failures, failures, slow: 0 });
  }

  get lastError(): unknown {
    return this.#lastError;
  }

  on<E extends keyof BreakerEvents>(type: E, listener: (event: BreakerEvents[E]) => unknown): () => void {
    this.#events ??= new Observers<BreakerEvents>(BREAKER_EVENTS);
    const entry: Listener = { remove: this.#events.on(type, listener), listenTo: (breaker) => breaker.on(type, listener) };
    this.#listeners.add(entry);
    return () => {
      this.#listeners.delete(entry);
      entry.remove();
    };
  }

  reset(): void {
    this.failureCount = this.successes = this.failures = this.ignored = 0;
    this.#lastError = undefined;
  }

  toJSON(): object {
    return { name: this.name, state: this.state, stats: statsJson(this.stats) };
  }

  /** Lets a breaker go on where this one is: counts, the last failure, and listeners. */
  passOnTo(breaker: Breaker): void {
    const { successes, failures, ignored, failureCount } = this;
    Object.assign(breaker, { successes, failures, ignored, streak: failureCount });
    Object.assign(breaker.closed, { successes, failures });
    breaker.rememberFailure(this.#lastError);
    for (const listener of this.#listeners) {
      listener.remove();
      listener.remove = listener.listenTo(breaker);
    }
  }

  /** It admits every attempt. */
  ready(): Promise<void> {
    return Promise.resolve();
  }

  /** It has nothing to open. @throws {@link ConfigurationError} */
  readonly trip = (): never => this.#refuse('trip');
  readonly execute = (): never => this.#refuse('execute');
  readonly executeSync = (): never => this.#refuse('executeSync');
  readonly acquire = (): never => this.#refuse('acquire');
  readonly tryAcquire = (): never => this.#refuse('tryAcquire');

  // The guard of its operation

  admit(call: Call): Permit {
    const isPlain = call.cancellation === undefined && call.watch === undefined && !this.#isHeard();
    return isPlain ? this.#plain : this.#permit(call, this.clock.now());
  }

  deny(): never {
    throw new Error('a counter admits every attempt');
  }

  // The breakers of its operation: none

  *[Symbol.iterator](): Iterator<Breaker> {}

  *saved(): Iterable<Breaker> {}

  get(): undefined {
    return undefined;
  }

  asMap(): ReadonlyMap<string, Breaker> {
    return new Map();
  }

  reconfigured(): void {
    // It has no options.
  }

  #isHeard(): boolean {
    return this.sink.hot || this.#events?.hot === true;
  }

  #permit(call: Call | undefined, startedAtMs: number | undefined): Permit {
    const end = (outcome: Outcome, result: { value?: unknown; error?: unknown }): void => {
      this.#count(outcome, result.error);
      call?.watch?.counted(outcome, 'closed');
      if (startedAtMs !== undefined) this.#emit(outcome, call, this.clock.now() - startedAtMs, result);
    };
    const permit = {
      success: (value?: unknown): unknown => {
        end('success', { value });
        return value;
      },
      failure: (error: unknown): Rejection => {
        const judged = toBeJudged(error, this.name, call?.cancellation);
        const byCaller = judged === CALLERS_ABORT;
        end(byCaller ? 'ignored' : classify({ ok: false, error: judged, duration: 0, signal: undefined, operation: this.name }), { error });
        return new Rejection(byCaller ? call?.cancellation?.reason : error);
      },
      ignore: (): void => {
        end('ignored', {});
      },
      leave: (): void => {
        end('success', {});
      },
    };
    return permit;
  }

  #count(outcome: Outcome, error: unknown): void {
    if (outcome === 'ignored') this.ignored++;
    else if (outcome === 'failure') {
      this.failures++;
      this.failureCount++;
      this.#lastError = error;
    } else {
      this.successes++;
      this.failureCount = 0;
    }
  }

  #emit(outcome: Outcome, call: Call | undefined, duration: number, result: object): void {
    for (const events of [this.#events, this.sink]) {
      if (events?.has(outcome) !== true) continue;
      const about = call === undefined ? {} : { ...(call.watch !== undefined && { callId: call.watch.id }), attempt: call.attempt };
      events.emit(outcome, { type: outcome, operation: this.name, at: wallTime(this.clock), ...about, duration, ...result });
    }
  }

  #refuse(method: string): never {
    throw new ConfigurationError(`${method} of ${this.name}`, [{ path: '', message: ONLY_COUNTS, received: this.name }], this.name);
  }
}

export const ONLY_COUNTS = __DEV__ ? 'only counts: no policy gives it a breaker; add one, such as withBreaker or `breaker: {}`' : 'only counts';

/** Whether a value is a counter, of this copy of the package or of another. */
export function isCounter(value: unknown): value is Counter {
  return (value as Partial<Counter> | undefined)?.isCounter === true;
}
