import type { Call } from '../core/call';
import { systemClock, type Clock } from '../core/clock';
import type { Deadline } from '../core/deadline';
import { dispose } from '../core/dispose';
import { isOneShot } from '../core/one-shot';
import type { PolicySink } from '../core/policy';
import { rejected, type Args, type OnFailure, type OnSuccess, type Runner } from '../core/runner';
import { tell } from '../core/tell';
import type { CacheEvent } from './events';
import { Flight } from './flight';
import type { CacheMemory } from './memory';

// Made once, for a hit should cost a look.
const HIT = { outcome: 'hit' } as const;
const COALESCED = { outcome: 'coalesced' } as const;
const MISS = { outcome: 'miss' } as const;

/** What a shared run has: a deadline is that of one of the calls that wait for it, which leaves by itself. */
const NO_DEADLINE: Deadline = { atMs: Infinity, clock: systemClock };

/** Answers calls with results that are kept, and lets calls for the same share one run. */
export class CacheRunner implements Runner {
  constructor(
    private readonly coalesces: boolean,
    private readonly next: Runner,
    private readonly sink: PolicySink,
    private readonly clock: Clock,
    private readonly memory: CacheMemory,
  ) {}

  run(call: Call, self: unknown, args: Args, onSuccess?: OnSuccess, onFailure?: OnFailure): Promise<unknown> {
    const { cancellation } = call;
    if (isOver(call)) return rejected(cancellation?.reason, onFailure);
    const key = this.memory.keys.of(call.operation, self, args);
    if (key === undefined) return this.next.run(call, self, args, onSuccess, onFailure);
    const kept = this.memory.results.get(key);
    if (kept !== undefined) {
      this.#tell(call, HIT);
      return Promise.resolve(kept.value).then(onSuccess, onFailure);
    }
    const flight = this.memory.flights.get(key);
    if (flight !== undefined) {
      this.#tell(call, COALESCED);
      // A listener may have ended the call.
      if (isOver(call)) return rejected(cancellation?.reason, onFailure);
      return this.#join(flight, call, self, args, onSuccess, onFailure);
    }
    this.#tell(call, MISS);
    if (isOver(call)) return rejected(cancellation?.reason, onFailure);
    return this.coalesces
      ? this.#runShared(key, call, self, args, onSuccess, onFailure)
      : this.#runAlone(key, call, self, args, onSuccess, onFailure);
  }

  blockedForMs(self: unknown, args: Args): number {
    return this.next.blockedForMs(self, args);
  }

  /** Starts a run that later calls may join. */
  #runShared(key: string, call: Call, self: unknown, args: Args, onSuccess?: OnSuccess, onFailure?: OnFailure): Promise<unknown> {
    const { flights } = this.memory;
    /** @returns Whether it was still the one that calls join. */
    const close = (): boolean => flights.get(key) === flight && flights.delete(key);
    const flight = new Flight(close);
    flights.set(key, flight);
    // Before the run begins, which may end its own call at once.
    const joined = this.#join(flight, call, self, args, onSuccess, onFailure);
    // What nothing can end is not made endable, which would cost it a call of its own.
    const isPlain = call.cancellation === undefined && call.limit === undefined;
    const shared = isPlain ? call : call.as(call.attempt, flight.cancellation, NO_DEADLINE);
    const succeeded = (value: unknown): unknown => {
      // `forget` and `clear` take flights out: what is not there any more is not kept.
      if (close()) this.#keep(call, key, value);
      else if (flight.isAbandoned) dispose(value);
      return value;
    };
    const failed = (error: unknown): never => {
      close();
      throw error;
    };
    flight.land(this.next.run(shared, self, args, succeeded, failed));
    return joined;
  }

  /** Waits for the result of a run; for one of its own, where somebody else reads what can be read but once. */
  #join(flight: Flight, call: Call, self: unknown, args: Args, onSuccess?: OnSuccess, onFailure?: OnFailure): Promise<unknown> {
    const { cancellation } = call;
    const landed = (value: unknown): unknown => {
      if (!isOneShot(value) || flight.claim()) return onSuccess === undefined ? value : onSuccess(value);
      if (cancellation?.aborted === true) return rejected(cancellation.reason, onFailure);
      return this.next.run(call, self, args, onSuccess, onFailure);
    };
    return flight.join(cancellation, landed, onFailure);
  }

  #runAlone(key: string, call: Call, self: unknown, args: Args, onSuccess?: OnSuccess, onFailure?: OnFailure): Promise<unknown> {
    const { epoch } = this.memory.results;
    const succeeded = (value: unknown): unknown => {
      this.#keep(call, key, value, epoch);
      return onSuccess === undefined ? value : onSuccess(value);
    };
    return this.next.run(call, self, args, succeeded, onFailure);
  }

  #keep({ operation }: Call, key: string, value: unknown, epoch?: number): void {
    const { keys, results } = this.memory;
    if (isOneShot(value)) keys.skipped(operation, 'it gave a stream, which can be read but once');
    else results.keep(key, value, epoch);
  }

  #tell(call: Call, looked: Pick<CacheEvent, 'outcome'>): void {
    tell<CacheEvent>(this.sink, 'cache', this.clock, call, looked);
  }
}

function isOver({ cancellation }: Call): boolean {
  return cancellation?.aborted === true;
}
