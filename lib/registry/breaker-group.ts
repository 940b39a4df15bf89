import type { Breaker } from '../policies/circuit-breaker/breaker';
import type { BreakerSettings } from '../policies/circuit-breaker/options';
import type { BreakerSource } from '../policies/circuit-breaker/runner';

/** The breakers of one operation: one, one per key, or one per instance. */
export interface BreakerGroup extends BreakerSource, Iterable<Breaker> {
  /** Those that a snapshot keeps. */
  saved(): Iterable<Breaker>;
  /** The breaker of a key. */
  get(key: string): Breaker | undefined;
  /** Those of keys, by key. */
  asMap(): ReadonlyMap<string, Breaker>;
  /** The settings that breakers made from now on get. */
  reconfigured(settings: BreakerSettings): void;
}
