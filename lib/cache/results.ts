import type { AgeClock } from '../core/clock';

interface Kept {
  readonly value: unknown;
  readonly untilMs: number;
}

/**
 * The results of an operation, a bounded number of them, each for a time. An entry that is looked up or kept goes to the end of the `Map`, so the
 * first is the least recently used. There is no timer: what has expired goes when it is looked up, or for room.
 */
export class Results {
  readonly #entries = new Map<string, Kept>();
  #oldest: Iterator<string> | undefined;
  /** Entries since the iterator began. */
  #appended = 0;
  /** Grows when something is taken out, so that what was fetched before is not put in after. */
  #epoch = 0;

  readonly #maxEntries: number;
  readonly #ttlMs: number;
  readonly #age: AgeClock;

  constructor(maxEntries: number, ttlMs: number, age: AgeClock) {
    this.#maxEntries = maxEntries;
    this.#ttlMs = ttlMs;
    this.#age = age;
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
    if (kept === undefined) return undefined;
    this.#entries.delete(key);
    if (this.#age.now() >= kept.untilMs) return undefined;
    this.#append(key, kept);
    return kept;
  }

  /** Keeps a result; one whose run began in an `epoch`, unless something was taken out since. */
  keep(key: string, value: unknown, epoch = this.#epoch): void {
    if (epoch !== this.#epoch) return;
    this.#entries.delete(key);
    if (this.#entries.size === this.#maxEntries) this.#drop();
    this.#append(key, { value, untilMs: this.#age.now() + this.#ttlMs });
  }

  #append(key: string, kept: Kept): void {
    this.#entries.set(key, kept);
    // An iterator keeps every table that the map outgrew since its last step, so it is not left standing.
    if (++this.#appended > this.#maxEntries) this.#oldest = undefined;
  }

  /** Drops the least recently used. A new iterator would pass all places that were emptied before, at every drop. */
  #drop(): void {
    if (this.#oldest === undefined) {
      this.#oldest = this.#entries.keys();
      this.#appended = 0;
    }
    this.#entries.delete(this.#oldest.next().value as string);
  }

  /** @returns Whether there was one. */
  delete(key: string): boolean {
    this.#epoch++;
    return this.#entries.delete(key);
  }

  clear(): void {
    this.#epoch++;
    this.#oldest = undefined;
    this.#entries.clear();
  }
}
