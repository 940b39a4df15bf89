import type { Breaker } from '../breaker/breaker';
import type { BreakerSettings } from '../breaker/options';
import type { BreakerSource } from '../breaker/runner';

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
