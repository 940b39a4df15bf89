import { warnOnce } from '../core/warn';
import type { BreakerRegistry } from '../registry/registry';

/** Operations with series of their own. Each has some dozens of them, and what stores them pays for each. */
const MOST = 200;
const OTHERS = '_other';

/** Which operations have series of their own: the first of them; the rest share those of one label. */
export class OperationLabels {
  readonly #own = new Set<string>();

  constructor(private readonly registry: BreakerRegistry) {}

  /** The label of an operation; undefined for one that has left, whose series must not come back with its last calls. */
  of(name: string): string | undefined {
    if (this.#own.has(name)) return name;
    if (!this.registry.has(name)) return undefined;
    if (this.#own.size >= MOST) return this.#shared();
    this.#own.add(name);
    return name;
  }

  /** An operation has left, and makes room. @returns Whether it had series of its own. */
  release(name: string): boolean {
    return this.#own.delete(name);
  }

  #shared(): string {
    const message = `There are more than ${MOST} operations: metrics tell the first ${MOST} apart, and count the others together as operation '${OTHERS}'`;
    warnOnce(this.registry, 'BREAKER_BOX_METRICS', message);
    return OTHERS;
  }
}
