import { ageClockOf } from '../core/age-clock';
import { systemClock, type Clock } from '../core/clock';
import { stateOf } from '../core/policy-state';
import type { Args } from '../core/runner';
import { CallKeys } from './call-keys';
import type { Flight } from './flight';
import type { ResolvedCacheOptions } from './options';
import { Results } from './results';

/** What a cache keeps from call to call. */
export class CacheMemory {
  readonly keys: CallKeys;
  readonly results: Results;
  /** The runs that are shared, by key. */
  readonly flights = new Map<string, Flight>();

  constructor(policy: ResolvedCacheOptions, clock: Clock) {
    this.keys = new CallKeys(policy.key, policy);
    this.results = new Results(policy.maxEntries, policy.ttl, ageClockOf(clock));
  }

  /** Forgets what calls like this one gave. Those in flight end as they will, but no later call gets their result. */
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

/** The memory of a policy in a registry. */
export function memoryOf(policy: ResolvedCacheOptions, registry: object, clock: Clock | undefined): CacheMemory {
  return stateOf(policy, registry, () => new CacheMemory(policy, policy.clock ?? clock ?? systemClock));
}
