import type { SharedBreaker } from './shared-breaker';

/** Breakers that ask for their state at once: more would be a load for the store, and fill the client's memory. */
const AT_ONCE = 32;

/** Breakers that are to ask the store for their state, each once, a few at a time. */
export class SyncQueue {
  readonly #waiting = new Set<SharedBreaker>();
  #running = 0;

  get size(): number {
    return this.#waiting.size;
  }

  add(breaker: SharedBreaker): void {
    this.#waiting.add(breaker);
    this.#fill();
  }

  clear(): void {
    this.#waiting.clear();
  }

  #fill(): void {
    for (const breaker of this.#waiting) {
      if (this.#running >= AT_ONCE) return;
      this.#waiting.delete(breaker);
      this.#running++;
      void breaker.sync().then(() => {
        this.#running--;
        this.#fill();
      });
    }
  }
}
