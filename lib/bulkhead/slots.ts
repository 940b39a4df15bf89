import type { Partition } from '../core/partitions';
import { Rejection } from '../core/rejection';
import type { AdaptiveLimit, Admitted, Sample } from './adaptive-limit';

/** A call that waits for a slot. */
export interface Waiter {
  /** Told that it has one: it is counted as running already. */
  admit(): void;
}

/**
 * The slots of a bulkhead, and the calls that wait for one, first in, first out. While a call waits no slot is free, so a new
 * call never overtakes it.
 */
export class Slots implements Partition, Admitted {
  /** Calls that hold a slot. More than the limit only after an adaptive one has shrunk. */
  running = 0;
  #limit: number;
  readonly #adaptive: AdaptiveLimit | undefined;
  readonly #waiters = new Set<Waiter>();

  /** @param key - Whose slots they are; undefined for those of all calls. */
  constructor(
    limit: number | AdaptiveLimit,
    readonly key?: string,
  ) {
    this.#adaptive = typeof limit === 'number' ? undefined : limit;
    this.#limit = typeof limit === 'number' ? limit : limit.limit;
  }

  get limit(): number {
    return this.#limit;
  }

  get round(): number {
    return this.#adaptive?.round ?? 0;
  }

  get queued(): number {
    return this.#waiters.size;
  }

  /** An adaptive limit is then learnt anew. */
  get isIdle(): boolean {
    return this.running === 0 && this.queued === 0;
  }

  /** Takes a slot, which {@link release} gives back. @returns Whether one was free. */
  tryTake(): boolean {
    if (this.running >= this.#limit) return false;
    this.running++;
    return true;
  }

  release(): void {
    this.running--;
    if (this.#waiters.size > 0) this.#admitWaiters();
  }

  enqueue(waiter: Waiter): void {
    this.#waiters.add(waiter);
  }

  /** For one that waits no more. Those behind it keep their order. */
  leave(waiter: Waiter): void {
    this.#waiters.delete(waiter);
  }

  /** Lets the limit learn from a call that still holds its slot: {@link release} then admits as many as there is room for. */
  learn(sample: Sample): void {
    if (this.#adaptive === undefined) return;
    this.#adaptive.record(sample);
    this.#limit = this.#adaptive.limit;
  }

  /** What a call without measurement hands down: one pair for all calls. */
  readonly releaseOnSuccess = (value: unknown): unknown => {
    this.release();
    return value;
  };

  readonly releaseOnFailure = (error: unknown): Rejection => {
    this.release();
    return new Rejection(error);
  };

  #admitWaiters(): void {
    for (const waiter of this.#waiters) {
      if (!this.tryTake()) return;
      this.#waiters.delete(waiter);
      waiter.admit();
    }
  }
}
