import { warn } from '../core/warn';

/** Operations of explicit names at which a leak is suspected. */
const MOST_EXPLICIT = 1000;

/** Live operations of one derived name at which a leak is suspected. */
export const MOST_DERIVED = 100;

/** Warns of operations that are made again and again. For developers. */
export class Leaks {
  #explicit = 0;
  #isTold = false;
  /** Derived names that were warned of: few, for each had so many live operations. */
  readonly #told = new Set<string>();

  /** Explicit names are held for good: so many are made at run time, one for each host or tenant. */
  addExplicit(name: string): void {
    if (++this.#explicit < MOST_EXPLICIT || this.#isTold) return;
    this.#isTold = true;
    const message = `${MOST_EXPLICIT} operations have explicit names, '${name}' the last of them, and none of them ever leaves: give what differs from call to call, a host or a tenant, as the \`key\` of one operation, whose breakers are bounded`;
    warn('BREAKER_BOX_LEAK', message);
  }

  removeExplicit(): void {
    this.#explicit--;
  }

  noteDerived(base: string, live: number): void {
    if (live !== MOST_DERIVED || this.#told.has(base)) return;
    this.#told.add(base);
    const message = `${MOST_DERIVED} live operations are named '${base}': a function is wrapped again and again; wrap it once, outside the hot path, or give the operation a name`;
    warn('BREAKER_BOX_LEAK', message);
  }
}
