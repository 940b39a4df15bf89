import { keyOfCall, type KeyFunction } from '../core/keys';
import type { Args } from '../core/runner';
import { warnOnce } from '../core/warn';
import type { Breaker } from '../breaker/breaker';
import type { BreakerSettings } from '../breaker/options';
import { isOpen } from '../breaker/states';
import { Breakers, type BreakerGroup } from './breaker-group';

interface Entry {
  readonly breaker: Breaker;
  usedAtMs: number;
}

/**
 * One breaker per key of an operation. Bounded: idle keys are dropped, and for room the least recently used key that is
 * closed and has no call in flight; when there is none, new keys share one breaker rather than growing without bound.
 */
export class KeyedBreakers extends Breakers implements BreakerGroup {
  /** In order of last use, the longest unused first. */
  readonly #entries = new Map<string, Entry>();
  /** Of the calls whose key finds no room. It has no key: any name for one could be a user's. */
  #overflow: Breaker | undefined;

  /**
   * @param make - Makes the breaker of a key.
   * @param made - Told of each, once it is in its place.
   */
  constructor(
    private readonly operation: string,
    private settings: BreakerSettings,
    private readonly make: (key?: string) => Breaker,
    private readonly made: (breaker: Breaker) => void,
  ) {
    super();
  }

  breakerFor(self: unknown, args: Args): Breaker {
    return this.#entryFor(this.#keyOf(self, args));
  }

  peek(self: unknown, args: Args): Breaker | undefined {
    try {
      const known = this.#entries.get(this.#keyOf(self, args));
      if (known !== undefined) return known.breaker;
    } catch {
      return undefined; // the call that needs the key says what is wrong with it
    }
    const isFull = this.#entries.size >= this.settings.options.maxKeys;
    return isFull ? this.#overflow : undefined;
  }

  get(key: string): Breaker | undefined {
    return this.#entries.get(key)?.breaker;
  }

  /** The breaker of a key, made when it is not there; undefined when there is no room for it. */
  obtain(key: string): Breaker | undefined {
    this.#entryFor(key);
    return this.get(key);
  }

  *[Symbol.iterator](): Iterator<Breaker> {
    for (const { breaker } of this.#entries.values()) yield breaker;
    if (this.#overflow !== undefined) yield this.#overflow;
  }

  *saved(): Iterable<Breaker> {
    for (const { breaker } of this.#entries.values()) yield breaker;
  }

  asMap(): ReadonlyMap<string, Breaker> {
    return new Map(Array.from(this.#entries, ([key, { breaker }]) => [key, breaker]));
  }

  reconfigured(settings: BreakerSettings): void {
    this.settings = settings;
  }

  #keyOf(self: unknown, args: Args): string {
    return keyOfCall(this.settings.options.key as KeyFunction, this.operation, self, args);
  }

  #entryFor(key: string): Breaker {
    const { age } = this.settings;
    const known = this.#entries.get(key);
    if (known !== undefined) {
      known.usedAtMs = age.quickNow();
      this.#entries.delete(key);
      this.#entries.set(key, known);
      return known.breaker;
    }
    const nowMs = age.now();
    this.#dropIdle(nowMs);
    if (!this.#makeRoom(nowMs)) return this.#shared();
    return this.#add(key, nowMs).breaker;
  }

  #add(key: string, nowMs: number): Entry {
    const breaker = this.make(key);
    const entry = { breaker, usedAtMs: nowMs };
    this.#entries.set(key, entry);
    this.made(breaker);
    return entry;
  }

  #dropIdle(nowMs: number): void {
    const { idleKeys } = this.settings.options;
    for (const [key, entry] of this.#entries) {
      if (nowMs - entry.usedAtMs < idleKeys) return;
      if (isFree(entry, nowMs - idleKeys)) this.#entries.delete(key);
    }
  }

  /** @returns Whether there is room for another key. */
  #makeRoom(nowMs: number): boolean {
    const { maxKeys, idleKeys } = this.settings.options;
    for (const [key, entry] of this.#entries) {
      if (this.#entries.size < maxKeys) return true;
      if (isFree(entry, nowMs - idleKeys)) this.#entries.delete(key);
    }
    return this.#entries.size < maxKeys;
  }

  #shared(): Breaker {
    const message = `${this.operation} has ${this.#entries.size} keys whose breakers are open or busy: further keys share one breaker; raise maxKeys if so many are in use`;
    warnOnce(this, 'BREAKER_BOX_KEYS', message);
    if (this.#overflow === undefined) {
      this.#overflow = this.make();
      this.made(this.#overflow);
    }
    return this.#overflow;
  }
}

/** Whether nothing is lost with a breaker: closed, or its open time ended before `sinceMs`; no override, no call in flight. */
function isFree({ breaker, usedAtMs }: Entry, sinceMs: number): boolean {
  if (breaker.inFlight > 0 || breaker.override !== undefined) return false;
  const { current } = breaker;
  if (current.kind === 'closed') return true;
  // A half-open one was used after its open time had ended.
  return (isOpen(current) ? current.untilMs : usedAtMs) <= sinceMs;
}
