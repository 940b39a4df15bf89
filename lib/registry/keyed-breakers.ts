import { KeyedStates } from '../core/keyed-states';
import { keyOfCall, type KeyFunction } from '../core/keys';
import type { Args } from '../core/call';
import type { Breaker } from '../breaker/breaker';
import type { BreakerSettings } from '../breaker/options';
import { isOpen } from '../breaker/states';
import { Breakers, type BreakerGroup } from './breaker-group';

/** One breaker per key of an operation, bounded: see {@link KeyedStates}. One that is open, or has calls in flight, stays. */
export class KeyedBreakers extends Breakers implements BreakerGroup {
  readonly #breakers: KeyedStates<Breaker>;

  /**
   * @param create - Makes the breaker of a key; without one, that of the calls whose key finds no room.
   * @param created - Called with each, once it is in its place.
   */
  constructor(
    private readonly operation: string,
    private settings: BreakerSettings,
    create: (key?: string) => Breaker,
    created: (breaker: Breaker) => void,
  ) {
    super();
    const present = (): BreakerSettings => this.settings;
    this.#breakers = new KeyedStates({
      operation,
      noun: 'breaker',
      get maxKeys() {
        return present().options.maxKeys;
      },
      get idleMs() {
        return present().options.idleKeys;
      },
      get age() {
        return present().age;
      },
      create,
      created,
      isIdle: (breaker, usedAtMs, nowMs) => isFree(breaker, usedAtMs, nowMs - present().options.idleKeys),
    });
  }

  breakerFor(self: unknown, args: Args): Breaker {
    return this.#breakers.get(this.#keyOf(self, args));
  }

  peek(self: unknown, args: Args): Breaker | undefined {
    try {
      return this.#breakers.peek(this.#keyOf(self, args));
    } catch {
      return undefined; // the call that needs the key says what is wrong with it
    }
  }

  get(key: string): Breaker | undefined {
    return this.#breakers.find(key);
  }

  /** The breaker of a key, made when it is not there; undefined when there is no room for it. */
  obtain(key: string): Breaker | undefined {
    this.#breakers.get(key);
    return this.get(key);
  }

  [Symbol.iterator](): Iterator<Breaker> {
    return this.#breakers[Symbol.iterator]();
  }

  saved(): Iterable<Breaker> {
    return this.asMap().values();
  }

  asMap(): ReadonlyMap<string, Breaker> {
    return new Map(this.#breakers.entries());
  }

  reconfigured(settings: BreakerSettings): void {
    this.settings = settings;
    this.#breakers.trim();
  }

  #keyOf(self: unknown, args: Args): string {
    return keyOfCall(this.settings.options.key as KeyFunction, this.operation, self, args);
  }
}

/** Whether nothing is lost with a breaker: closed, or its open time ended before `sinceMs`; no override, no call in flight. */
function isFree({ inFlight, override, current }: Breaker, usedAtMs: number, sinceMs: number): boolean {
  if (inFlight > 0 || override !== undefined) return false;
  if (current.kind === 'closed') return true;
  // A half-open one was used after its open time had ended.
  return (isOpen(current) ? current.untilMs : usedAtMs) <= sinceMs;
}
