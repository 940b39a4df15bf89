import { warnOnce } from '../../core/warn';
import type { BreakerRegistry } from '../../registry/registry';

/** Operations with series of their own. Each has some dozens of them, and what stores them pays for each. */
const MOST = 200;
/** Characters of a label, which stands in each of these series. */
const LONGEST = 200;
const OTHERS = '_other';

/** Half of a surrogate pair has no UTF-8: names that differ in it alone are the same on the wire. */
const HALF = /\p{Surrogate}/u;

/** Which operations have series of their own: the first of them; the rest share those of one label. */
export class OperationLabels {
  readonly #own = new Set<string>();

  constructor(private readonly registry: BreakerRegistry) {}

  /** The label of an operation; undefined for one that has left, whose series must not come back with its last calls. */
  of(name: string): string | undefined {
    if (this.#own.has(name)) return name;
    if (!this.registry.has(name)) return undefined;
    if (name === OTHERS) return OTHERS;
    if (this.#own.size >= MOST) return this.#shared(`There are more than ${MOST} operations: metrics tell the first ${MOST} apart`);
    if (name.length > LONGEST) return this.#shared(`The name of an operation is longer than ${LONGEST} characters: metrics tell those with shorter names apart`);
    if (HALF.test(name)) return this.#shared('The name of an operation is no well-formed text: metrics tell those with other names apart');
    this.#own.add(name);
    return name;
  }

  /** An operation has left, and makes room. @returns Whether it had series of its own. */
  release(name: string): boolean {
    return this.#own.delete(name);
  }

  #shared(why: string): string {
    warnOnce(this.registry, 'BREAKER_BOX_METRICS', `${why}, and count the others together as operation '${OTHERS}'`);
    return OTHERS;
  }
}
