import { LRUCache } from 'lru-cache';
import type { AgeClock } from '../core/age-clock';

/** A result that is kept. In a box, for it may be undefined, which `lru-cache` cannot hold. */
interface Kept {
  readonly value: unknown;
  readonly untilMs: number;
}

/**
 * The results of an operation, a bounded number of them, each for a time. It arms no timer: what has expired goes when it is
 * looked up, or for room.
 *
 * The times are not left to `lru-cache`, which takes whole milliseconds only, and an entry of the time 0, where a test's
 * clock may well start, for one that never expires.
 */
export class Results {
  readonly #entries: LRUCache<string, Kept>;
  /** Grows when something is taken out, so that what was fetched before is not put in after. */
  #epoch = 0;

  constructor(
    maxEntries: number,
    private readonly ttlMs: number,
    private readonly age: AgeClock,
  ) {
    this.#entries = new LRUCache({ max: maxEntries });
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** How many are kept, those that have expired since included. */
  get size(): number {
    return this.#entries.size;
  }

  get(key: string): { readonly value: unknown } | undefined {
    const kept = this.#entries.get(key);
    if (kept === undefined || this.age.now() < kept.untilMs) return kept;
    this.#entries.delete(key);
    return undefined;
  }

  /** Keeps a result; one whose run began in an `epoch`, unless something was taken out since. */
  keep(key: string, value: unknown, epoch = this.#epoch): void {
    if (epoch !== this.#epoch) return;
    this.#entries.set(key, { value, untilMs: this.age.now() + this.ttlMs });
  }

  /** @returns Whether there was one. */
  delete(key: string): boolean {
    this.#epoch++;
    return this.#entries.delete(key);
  }

  clear(): void {
    this.#epoch++;
    this.#entries.clear();
  }
}
