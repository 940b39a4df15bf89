import { options, resolve } from '../core/check';
import { ageClockOf, systemClock, type AgeClock, type Clock } from '../core/clock';
import { commonOptions } from '../core/options';
import type { Expected, FleetStore, Reading, Stored, StoreMoment, Written } from './store';
import { Subscribers } from './subscribers';

export interface MemoryStoreOptions {
  /** @defaultValue the system's clock */
  clock?: Clock | undefined;
}

const memoryStoreSchema = options({ clock: commonOptions.clock });

/** A store in the memory of this process: for several registries in one, and for tests of what is shared. */
export class MemoryStore implements FleetStore {
  readonly #records = new ExpiringMap<Stored>();
  readonly #members = new ExpiringMap<string>();
  readonly #subscribers = new Subscribers();
  readonly #age: AgeClock;

  /** @param server - Names this run of the store. */
  constructor(
    private readonly clock: Clock,
    private readonly server = '',
  ) {
    this.#age = ageClockOf(clock);
  }

  async read(names: readonly string[]): Promise<Reading> {
    const moment = this.#moment();
    return { ...moment, stored: names.map((name) => this.#records.get(name, moment.now)) };
  }

  async compareAndSet(name: string, expected: Expected, next: Stored | undefined, lastsMs: number): Promise<Written> {
    const moment = this.#moment();
    const present = this.#records.get(name, moment.now);
    const isExpected = (present?.revision ?? '') === expected.revision && moment.server === expected.server && moment.now <= expected.notAfter;
    if (!isExpected) return { ...moment, done: false, stored: present };
    this.#records.set(name, next, moment.now, lastsMs);
    this.#subscribers.tell(`${name} ${next?.revision ?? ''}`);
    return { ...moment, done: true, stored: undefined };
  }

  async announce(process: string, value: string, lastsMs: number): Promise<void> {
    this.#members.set(process, value, this.#moment().now, lastsMs);
  }

  async members(): Promise<ReadonlyMap<string, string>> {
    return this.#members.all(this.#moment().now);
  }

  subscribe(listener: (message: string) => void): () => void {
    return this.#subscribers.add(listener);
  }

  /** Loses everything, as a store that is started again without its data. */
  clear(): void {
    this.#records.clear();
    this.#members.clear();
  }

  /** How many records it keeps. */
  get size(): number {
    return this.#records.all(this.#moment().now).size;
  }

  /**
   * A clock that was given may set its wall time, as tests do. The system's wall clock is not asked, for it steps back when a machine's clock is set:
   * what is written then would come too late, or last too long.
   */
  #moment(): StoreMoment {
    const { clock } = this;
    const now = clock === systemClock || clock.wallTime === undefined ? performance.timeOrigin + this.#age.now() : clock.wallTime();
    return { now, server: this.server };
  }
}

const SWEEP_MS = 60_000;

/** Entries that are forgotten at a time of their own. */
class ExpiringMap<T> {
  readonly #entries = new Map<string, { readonly value: T; readonly untilMs: number }>();
  #sweepAtMs = 0;

  get(name: string, nowMs: number): T | undefined {
    const entry = this.#entries.get(name);
    return entry !== undefined && entry.untilMs > nowMs ? entry.value : undefined;
  }

  all(nowMs: number): Map<string, T> {
    return new Map(Array.from(this.#entries, ([name, { value }]) => [name, value] as const).filter(([name]) => this.get(name, nowMs) !== undefined));
  }

  /** @param value - Undefined: deletes it. */
  set(name: string, value: T | undefined, nowMs: number, lastsMs: number): void {
    if (value === undefined) this.#entries.delete(name);
    else this.#entries.set(name, { value, untilMs: nowMs + lastsMs });
    if (nowMs < this.#sweepAtMs) return;
    this.#sweepAtMs = nowMs + SWEEP_MS;
    for (const [other, { untilMs }] of this.#entries) if (untilMs <= nowMs) this.#entries.delete(other);
  }

  clear(): void {
    this.#entries.clear();
  }
}

/**
 * A {@link FleetStore} in the memory of this process.
 *
 * @throws {@link ConfigurationError}
 */
export function memoryStore(given: MemoryStoreOptions = {}): MemoryStore {
  const { clock = systemClock } = resolve(memoryStoreSchema, given, 'memoryStore');
  return new MemoryStore(clock);
}
