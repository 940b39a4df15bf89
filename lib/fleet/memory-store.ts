import { callSafely } from '../core/call-safely';
import { options, resolve } from '../core/check';
import { systemClock, wallTime, type Clock } from '../core/clock';
import { commonOptions } from '../core/options';
import type { Expected, FleetStore, Reading, Stored, StoreMoment, Written } from './store';

export interface MemoryStoreOptions {
  /** @defaultValue the system's clock */
  clock?: Clock | undefined;
}

const memoryStoreSchema = options({ clock: commonOptions.clock });

/** A store in the memory of this process: for several registries in one, and for tests of what is shared. */
export class MemoryStore implements FleetStore {
  readonly #records = new ExpiringMap<Stored>();
  readonly #members = new ExpiringMap<string>();
  readonly #listeners = new Set<{ listener: (message: string) => void }>();
  readonly #clock: Clock;

  /** @param server - Names this run of the store. */
  constructor(
    clock: Clock,
    private readonly server = '',
  ) {
    this.#clock = clock;
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
    this.#records.set(name, next, moment.now + lastsMs, moment.now);
    for (const { listener } of this.#listeners) void callSafely('A subscriber of a fleet store', listener, `${name} ${next?.revision ?? ''}`);
    return { ...moment, done: true, stored: undefined };
  }

  async announce(process: string, value: string, lastsMs: number): Promise<void> {
    const { now } = this.#moment();
    this.#members.set(process, value, now + lastsMs, now);
  }

  async members(): Promise<ReadonlyMap<string, string>> {
    return new Map(this.#members.entries(this.#moment().now));
  }

  subscribe(listener: (message: string) => void): () => void {
    const entry = { listener };
    this.#listeners.add(entry);
    return () => {
      this.#listeners.delete(entry);
    };
  }

  /** Loses everything, as a store that is started again without its data. */
  clear(): void {
    this.#records.clear();
    this.#members.clear();
  }

  /** How many records it keeps. */
  get size(): number {
    return this.#records.entries(this.#moment().now).length;
  }

  #moment(): StoreMoment {
    return { now: wallTime(this.#clock), server: this.server };
  }
}

/** Entries that are forgotten at a time of their own. */
class ExpiringMap<T> {
  readonly #entries = new Map<string, { readonly value: T; readonly untilMs: number }>();
  #sweepAtMs = 0;

  get(name: string, nowMs: number): T | undefined {
    const entry = this.#entries.get(name);
    return entry !== undefined && entry.untilMs > nowMs ? entry.value : undefined;
  }

  /** @param value - Undefined: deletes it. */
  set(name: string, value: T | undefined, untilMs: number, nowMs: number): void {
    if (value === undefined) this.#entries.delete(name);
    else this.#entries.set(name, { value, untilMs });
    if (nowMs < this.#sweepAtMs) return;
    this.#sweepAtMs = nowMs + SWEEP_MS;
    for (const [other, entry] of this.#entries) if (entry.untilMs <= nowMs) this.#entries.delete(other);
  }

  entries(nowMs: number): [string, T][] {
    return [...this.#entries].flatMap(([name, { value, untilMs }]) => (untilMs > nowMs ? [[name, value]] : []));
  }

  clear(): void {
    this.#entries.clear();
  }
}

const SWEEP_MS = 60_000;

/**
 * A {@link FleetStore} in the memory of this process.
 *
 * @throws {@link ConfigurationError}
 */
export function memoryStore(given: MemoryStoreOptions = {}): MemoryStore {
  const { clock = systemClock } = resolve(memoryStoreSchema, given, 'memoryStore');
  return new MemoryStore(clock);
}
