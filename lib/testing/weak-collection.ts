import { weakRef, type Ref } from '../core/weak';

/** Objects to be found again as long as somebody else holds them. */
export class WeakCollection<T extends object> implements Iterable<T> {
  readonly #known = new WeakSet<T>();
  #refs: Ref<T>[];

  constructor(first: readonly T[] = []) {
    this.#refs = [];
    for (const one of first) this.add(one);
  }

  add(one: T): void {
    if (this.#known.has(one)) return;
    this.#known.add(one);
    this.#refs.push(weakRef(one));
  }

  *[Symbol.iterator](): Iterator<T> {
    this.#refs = this.#refs.filter((ref) => ref.deref() !== undefined);
    for (const ref of [...this.#refs]) {
      const one = ref.deref();
      if (one !== undefined) yield one;
    }
  }
}
