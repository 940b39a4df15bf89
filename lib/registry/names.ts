import { warn } from '../core/warn';

/** Live operations of one derived name, at which a leak is suspected. */
const SUSPICIOUS = 100;

interface Family {
  live: number;
  last: number;
}

/** Gives out derived names: the name itself, then `#2`, `#3` …, so that two sites never share a breaker by accident. */
export class DerivedNames {
  readonly #families = new Map<string, Family>();
  /** Bases that were warned of: few, for each had so many live operations. */
  readonly #warned = new Set<string>();

  /** @param isTaken - Whether a name is in use. */
  constructor(private readonly isTaken: (name: string) => boolean) {}

  claim(base: string): string {
    const family = this.#families.get(base) ?? { live: 0, last: 1 };
    this.#families.set(base, family);
    family.live++;
    // The name itself may be free again: after its operation was deleted, or collected.
    let name = base;
    while (this.isTaken(name)) name = `${base}#${++family.last}`;
    if (__DEV__ && family.live === SUSPICIOUS && !this.#warned.has(base)) {
      this.#warned.add(base);
      warn(
        'BREAKER_BOX_LEAK',
        `${SUSPICIOUS} live operations are named '${base}': a function is wrapped again and again; wrap it once, outside the hot path, or give the operation a name`,
      );
    }
    return name;
  }

  /** The names that may have been given out for a base, the first ones: a base with more is wrapped again and again. */
  namesOf(base: string): string[] {
    if (!__DEV__) return [];
    const family = this.#families.get(base);
    if (family === undefined) return [];
    return [base, ...Array.from({ length: Math.min(family.last, SUSPICIOUS) - 1 }, (_, index) => `${base}#${index + 2}`)];
  }

  /** An operation that had claimed a name of this base has gone. */
  release(base: string): void {
    const family = this.#families.get(base);
    if (family === undefined) return;
    family.live--;
    if (family.live === 0) this.#families.delete(base);
  }
}

/** Whether a name was numbered because its base was taken: it may mean another operation at the next start. */
export function isNumbered(name: string): boolean {
  return /#\d+$/.test(name);
}
