import { callSafely } from '../core/call-safely';

/** Listeners of a store's writes. Each registration counts, also of one function, and none can harm another. */
export class Subscribers {
  readonly #entries = new Set<{ readonly listener: (message: string) => void }>();

  get count(): number {
    return this.#entries.size;
  }

  /** @returns A function that ends it. */
  add(listener: (message: string) => void): () => void {
    const entry = { listener };
    this.#entries.add(entry);
    return () => {
      this.#entries.delete(entry);
    };
  }

  tell(message: string): void {
    for (const { listener } of this.#entries) void callSafely('A subscriber of a fleet store', listener, message);
  }
}
