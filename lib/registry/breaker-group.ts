import type { Call, Args } from '../core/call';
import type { Guard, Permit, Refusal } from '../core/policy';
import type { Breaker } from '../breaker/breaker';
import type { BreakerSettings } from '../breaker/options';

/** The breakers of one operation: one, one per key, or one per instance. */
export interface BreakerGroup extends Guard, Iterable<Breaker> {
  /** The one that serves all calls, if there is one. */
  readonly single?: Breaker;
  /** The breaker of a key, made when it is not there; undefined when there is no room for it, or no keys. */
  obtain?(key: string): Breaker | undefined;
  /** Those that a snapshot keeps. */
  saved(): Iterable<Breaker>;
  /** The breaker of a key. */
  get(key: string): Breaker | undefined;
  /** Those of keys, by key. */
  asMap(): ReadonlyMap<string, Breaker>;
  /** The settings that breakers made from now on get. */
  reconfigured(settings: BreakerSettings): void;
}

/** Several breakers as one guard: each attempt asks that of its key, or of its receiver. */
export abstract class Breakers implements Guard {
  /** The breaker that admitted nothing just now: `deny` follows at once, and must not ask for the key again. */
  #denying: Breaker | undefined;

  /** @throws {@link ConfigurationError} when the call has no key. */
  abstract breakerFor(self: unknown, args: Args): Breaker;

  /** The same, as far as it is there: makes none, uses none, and does not throw. */
  abstract peek(self: unknown, args: Args): Breaker | undefined;

  admit(call: Call, self: unknown, args: Args): Permit | undefined {
    const breaker = this.breakerFor(self, args);
    const permit = breaker.admit(call);
    if (permit === undefined) this.#denying = breaker;
    return permit;
  }

  deny(call: Call, self: unknown, args: Args): Refusal | Promise<Permit | Refusal> {
    const breaker = this.#denying ?? this.breakerFor(self, args);
    this.#denying = undefined;
    return breaker.deny(call);
  }

  /** A breaker that is not there yet blocks nothing. */
  blockedMs(self: unknown, args: Args): number {
    return this.peek(self, args)?.blockedMs() ?? 0;
  }
}
