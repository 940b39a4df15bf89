import { finalizers, weakRef, type Ref } from '../core/platform';

/** A state for each object, collected with it. What is no object shares one state. As an iterable: all states. */
export class InstanceStates<S extends object> implements Iterable<S> {
  readonly #states = new WeakMap<object, S>();
  readonly #live = new Set<Ref<S>>();
  readonly #collected = finalizers<Ref<S>>((ref) => this.#live.delete(ref));

  /** @param created - Called with each new state, once it is in its place. */
  constructor(
    private readonly create: () => S,
    private readonly created: (state: S) => void,
  ) {}

  /** The state of an instance, made when it is not there. */
  get(instance: unknown): S {
    return this.peek(instance) ?? this.#insert(this.#keyOf(instance));
  }

  /** The state of an instance, if it is there. */
  peek(instance: unknown): S | undefined {
    return this.#states.get(this.#keyOf(instance));
  }

  *[Symbol.iterator](): Iterator<S> {
    for (const ref of this.#live) {
      const state = ref.deref();
      if (state !== undefined) yield state;
    }
  }

  #insert(key: object): S {
    const state = this.create();
    const ref = weakRef(state);
    this.#states.set(key, state);
    this.#live.add(ref);
    this.#collected.register(state, ref);
    this.created(state);
    return state;
  }

  /** What is no object has the state of the collection itself. */
  #keyOf(instance: unknown): object {
    return Object(instance) === instance ? (instance as object) : this;
  }
}
