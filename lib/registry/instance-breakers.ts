import { receiverOf } from '../core/receiver';
import { finalizers, weakRef, type Ref } from '../core/weak';
import type { Breaker } from '../breaker/breaker';
import { Breakers, type BreakerGroup } from './breaker-group';

/** One breaker per receiver of a method, collected with it. A call without a receiver uses one that all such calls share. */
export class InstanceBreakers extends Breakers implements BreakerGroup {
  readonly #byInstance = new WeakMap<object, Breaker>();
  readonly #live = new Set<Ref<Breaker>>();
  readonly #collected = finalizers<Ref<Breaker>>((ref) => this.#live.delete(ref));
  #shared: Breaker | undefined;

  /**
   * @param make - Makes the breaker of an instance.
   * @param made - Told of each, once it is in its place.
   */
  constructor(
    private readonly make: () => Breaker,
    private readonly made: (breaker: Breaker) => void,
  ) {
    super();
  }

  breakerFor(self: unknown): Breaker {
    return this.of(receiverOf(self));
  }

  peek(self: unknown): Breaker | undefined {
    return isObject(self) ? this.#byInstance.get(self) : this.#shared;
  }

  of(self: unknown): Breaker {
    if (!isObject(self)) return this.#forAll();
    let breaker = this.#byInstance.get(self);
    if (breaker === undefined) {
      breaker = this.make();
      const ref = weakRef(breaker);
      this.#byInstance.set(self, breaker);
      this.#live.add(ref);
      this.#collected.register(breaker, ref);
      this.made(breaker);
    }
    return breaker;
  }

  #forAll(): Breaker {
    if (this.#shared === undefined) {
      this.#shared = this.make();
      this.made(this.#shared);
    }
    return this.#shared;
  }

  *[Symbol.iterator](): Iterator<Breaker> {
    if (this.#shared !== undefined) yield this.#shared;
    for (const ref of this.#live) {
      const breaker = ref.deref();
      if (breaker !== undefined) yield breaker;
    }
  }

  // An instance has no name by which another process could find it.
  *saved(): Iterable<Breaker> {}

  get(): undefined {
    return undefined;
  }

  asMap(): ReadonlyMap<string, Breaker> {
    return new Map();
  }

  reconfigured(): void {
    // New breakers ask for the settings when they are made.
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
