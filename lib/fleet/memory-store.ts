import { systemClock, wallTime, type Clock } from '../core/clock';
import { callSafely } from '../core/call-safely';
import { options, resolve } from '../core/check';
import { commonOptions } from '../core/options';
import type { Record } from './record';
import { reduce } from './reduce';
import type { Answer, Change, Command, SharedStore } from './shared-store';

export interface MemoryStoreOptions {
  /** @defaultValue the system's clock */
  clock?: Clock | undefined;
}

const memoryStoreSchema = options({ clock: commonOptions.clock });

/** A store in the memory of this process: for several registries in one, and for tests of what is shared. */
export class MemoryStore implements SharedStore {
  readonly #records = new Map<string, Record>();
  readonly #listeners = new Set<{ listener: (change: Change) => void }>();
  readonly #clock: Clock;
  #sweepAtMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async apply(breaker: string, command: Command): Promise<Answer> {
    const nowMs = wallTime(this.#clock);
    const { record, answer, told } = reduce(this.#records.get(breaker), command, Math.floor(nowMs) * 1000);
    this.#records.set(breaker, record);
    this.#sweep(nowMs);
    if (told !== undefined) this.#tell({ v: 1, breaker, epoch: record.epoch, ...(told === 'override' && { override: true }) });
    return answer;
  }

  subscribe(listener: (change: Change) => void): () => void {
    const entry = { listener };
    this.#listeners.add(entry);
    return () => {
      this.#listeners.delete(entry);
    };
  }

  /** Loses everything, as a store that is started again without its data. */
  clear(): void {
    this.#records.clear();
  }

  /** How many breakers it keeps. */
  get size(): number {
    return this.#records.size;
  }

  #tell(change: Change): void {
    for (const { listener } of this.#listeners) void callSafely('A subscriber of a shared store', listener, change);
  }

  #sweep(nowMs: number): void {
    if (nowMs < this.#sweepAtMs) return;
    this.#sweepAtMs = nowMs + SWEEP_MS;
    for (const [breaker, { expiresAt }] of this.#records) if (expiresAt <= nowMs) this.#records.delete(breaker);
  }
}

const SWEEP_MS = 60_000;

/**
 * A {@link SharedStore} in the memory of this process.
 *
 * @throws {@link ConfigurationError}
 */
export function memoryStore(given: MemoryStoreOptions = {}): MemoryStore {
  const { clock = systemClock } = resolve(memoryStoreSchema, given, 'memoryStore');
  return new MemoryStore(clock);
}
