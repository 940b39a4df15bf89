import { rejected } from '../core/run';
import { ageClockOf, systemClock, type Clock } from '../core/clock';
import type { Call, Args, Deadline } from '../core/call';
import { dispose } from '../core/dispose';
import { type PolicyEvent, emitPolicyEvent } from '../core/observers';
import { grouped } from '../core/groups';
import { isOneShot } from '../core/safe-inspect';
import type { Driver, LayerContext, PolicySink, Run } from '../core/policy';
import { isTiedToRequests } from '../core/timer';
import { CallKeys } from './call-keys';
import { Flight } from './flight';
import type { ResolvedCacheOptions } from './options';
import { Results } from './results';

/** A call was looked up in the cache. */
export interface CacheEvent extends PolicyEvent<'cache'> {
  /** `coalesced`: it joined a call in flight. */
  readonly outcome: 'hit' | 'miss' | 'coalesced';
}

export type CacheEvents = { cache: CacheEvent };

/** A cache with what it keeps from call to call. */
export interface CacheDriver extends Driver {
  readonly memory: CacheMemory;
}

/** Answers calls with results that are kept, and lets calls for the same share one run. */
export function caching(options: ResolvedCacheOptions, context: LayerContext): CacheDriver {
  const clock = options.clock ?? context.clock ?? systemClock;
  const memory = grouped('cache', options, context, () => new CacheMemory(options, clock));
  // A run of another request would never be seen to end.
  const coalesces = options.coalesce && !isTiedToRequests();
  return Object.assign((next: Run): Run => new CacheRun(next, coalesces, context.sink, clock, memory), { memory });
}

export class CacheMemory {
  readonly keys: CallKeys;
  readonly results: Results;
  /** The runs that are shared, by key. */
  readonly flights = new Map<string, Flight>();

  constructor(options: ResolvedCacheOptions, clock: Clock) {
    this.keys = new CallKeys(options);
    this.results = new Results(options.maxEntries, options.ttl, ageClockOf(clock));
  }

  /** Forgets the result of calls with this receiver and these arguments. Those in flight end as they will, but no later call gets their result. */
  forget(operation: string, self: unknown, args: Args): boolean {
    const key = this.keys.of(operation, self, args);
    if (key === undefined) return false;
    this.flights.delete(key);
    return this.results.delete(key);
  }

  /** Forgets everything. */
  clear(): void {
    this.flights.clear();
    this.results.clear();
  }
}

// Made once, for a hit should cost a look.
const HIT = { outcome: 'hit' } as const;
const COALESCED = { outcome: 'coalesced' } as const;
const MISS = { outcome: 'miss' } as const;

/** The deadline of a shared run: none, for that of a call that waits for it ends that call alone. */
const NO_DEADLINE: Deadline = { atMs: Infinity, clock: systemClock };

class CacheRun implements Run {
  readonly #next: Run;
  readonly #coalesces: boolean;
  readonly #sink: PolicySink;
  readonly #clock: Clock;
  readonly #memory: CacheMemory;

  constructor(next: Run, coalesces: boolean, sink: PolicySink, clock: Clock, memory: CacheMemory) {
    this.#next = next;
    this.#coalesces = coalesces;
    this.#sink = sink;
    this.#clock = clock;
    this.#memory = memory;
  }

  run(call: Call, self: unknown, args: Args): Promise<unknown> {
    if (isOver(call)) return rejected(call.cancellation?.reason);
    const { keys, results, flights } = this.#memory;
    const key = keys.of(call.operation, self, args);
    if (key === undefined) return this.#next.run(call, self, args);
    const kept = results.get(key);
    const flight = kept === undefined ? flights.get(key) : undefined;
    emitPolicyEvent<CacheEvent>(this.#sink, 'cache', this.#clock, call, kept !== undefined ? HIT : flight !== undefined ? COALESCED : MISS);
    if (kept !== undefined) return Promise.resolve(kept.value);
    // A listener may have ended the call.
    if (isOver(call)) return rejected(call.cancellation?.reason);
    if (flight !== undefined) return this.#join(flight, call, self, args);
    return this.#coalesces ? this.#runShared(key, call, self, args) : this.#runAlone(key, call, self, args);
  }

  /** Starts a run that later calls may join. */
  #runShared(key: string, call: Call, self: unknown, args: Args): Promise<unknown> {
    const { flights } = this.#memory;
    /** @returns Whether it was still the one that calls join. */
    const close = (): boolean => flights.get(key) === flight && flights.delete(key);
    const flight = new Flight(close);
    flights.set(key, flight);
    // Before the run begins, which may end its own call at once.
    const joined = this.#join(flight, call, self, args);
    // A run that nothing can end needs no call of its own.
    const isPlain = call.cancellation === undefined && call.limit === undefined;
    const shared = isPlain ? call : call.as(call.attempt, flight.cancellation, NO_DEADLINE);
    const run = this.#next.run(shared, self, args).then(
      (value) => {
        // `forget` and `clear` take flights out: the result of such a run is not kept.
        if (close()) this.#keep(call, key, value);
        else if (flight.isAbandoned) dispose(value);
        return value;
      },
      (error: unknown) => {
        close();
        throw error;
      },
    );
    flight.land(run);
    return joined;
  }

  /** Waits for the result of a run; runs again where another caller reads a result that can be read but once. */
  #join(flight: Flight, call: Call, self: unknown, args: Args): Promise<unknown> {
    return flight.join(call.cancellation).then((value) => {
      if (!isOneShot(value) || flight.claim()) return value;
      return isOver(call) ? rejected(call.cancellation?.reason) : this.#next.run(call, self, args);
    });
  }

  #runAlone(key: string, call: Call, self: unknown, args: Args): Promise<unknown> {
    const { epoch } = this.#memory.results;
    return this.#next.run(call, self, args).then((value) => {
      this.#keep(call, key, value, epoch);
      return value;
    });
  }

  #keep({ operation }: Call, key: string, value: unknown, epoch?: number): void {
    const { keys, results } = this.#memory;
    if (isOneShot(value)) keys.skipped(operation, __DEV__ ? 'it gave a stream, which can be read but once' : '');
    else results.keep(key, value, epoch);
  }
}

function isOver({ cancellation }: Call): boolean {
  return cancellation?.aborted === true;
}
