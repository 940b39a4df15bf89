import type { ShownBulkheads, SlotUsage } from '../core/policy';
import { finalizers, weakRef, type Ref } from '../core/weak';

/** The slots of one wrapper's bulkhead: of a keyed one, those of each key. */
type Shares = Iterable<SlotUsage>;

/** The bulkheads of an operation, one for each wrapper that has one. Held weakly: an explicit name outlives its wrappers. */
export class Bulkheads implements ShownBulkheads {
  readonly #known = new WeakSet<Shares>();
  readonly #live = new Set<Ref<Shares>>();
  readonly #collected = finalizers<Ref<Shares>>((ref) => this.#live.delete(ref));

  /** A pipeline that is compiled again brings the slots it had. */
  add(slots: Shares): void {
    if (this.#known.has(slots)) return;
    const ref = weakRef(slots);
    this.#known.add(slots);
    this.#live.add(ref);
    this.#collected.register(slots, ref);
  }

  *[Symbol.iterator](): Iterator<SlotUsage> {
    for (const ref of this.#live) yield* ref.deref() ?? [];
  }
}
