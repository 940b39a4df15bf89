import { agree } from '../core/agreement';
import { valueText } from '../core/value-text';
import type { Place } from './place';

/** An option that two sites give otherwise. */
export interface Difference {
  readonly name: string;
  readonly there: unknown;
  readonly here: unknown;
}

/** The places of an operation's sites, each as it was evaluated last. */
export class SitePlaces {
  readonly #places = new Map<string, { readonly place: Place; readonly hasOptions: boolean }>();
  /** Whether the options in force were said by sites that have all been evaluated again since. */
  areOptionsOld = false;

  /** Keeps the place of a site. @param hasOptions - Whether it said anything about the breaker. */
  note(place: Place, hasOptions: boolean): void {
    this.#places.set(place.key, { place, hasOptions });
  }

  /** Whether one of the sites is evaluated again at a place. */
  isAgain(place: Place): boolean {
    return this.#outdatedBy(place).length > 0;
  }

  /**
   * A site is evaluated again at a place: what it said at its old one is old.
   *
   * @param takeUp - Takes up what it says now. When it throws, all is as it was.
   */
  renew(place: Place, takeUp: () => void): void {
    const outdated = this.#outdatedBy(place);
    const before = this.areOptionsOld;
    this.areOptionsOld ||= [...this.#places].every(([key, { hasOptions }]) => !hasOptions || outdated.includes(key));
    try {
      takeUp();
    } catch (error) {
      this.areOptionsOld = before;
      throw error;
    }
    for (const key of outdated) if (key !== place.key) this.#places.delete(key);
  }

  /** The options of `there` that a site gives otherwise. Functions agree by their source where it is one site with another. */
  differences(there: object, here: object, place: Place): Difference[] {
    const bySource = [...this.#places.values()].some((other) => place.isOneSiteWith(other.place));
    const all = Object.keys({ ...there, ...here }).map((name): Difference => ({ name, there: there[name as never], here: here[name as never] }));
    return all.filter((one) => !NOT_THE_BREAKERS.includes(one.name) && !agree(one.there, one.here, bySource));
  }

  /** What is said of sites that do not agree. */
  disagreement(differences: readonly Difference[], place: Place): string {
    const there = [...this.#places.values()].find(({ hasOptions }) => hasOptions)?.place;
    const valuesAt = (side: 'there' | 'here'): string => differences.map((one) => `${one.name}: ${valueText(one[side])}`).join(', ');
    const areFunctions = differences.some((one) => typeof one.there === 'function' && typeof one.here === 'function');
    const advice = areFunctions ? '; functions agree when they are one and the same' : '';
    return `another site gave other values: ${valuesAt('there')} at ${there?.describe(place) ?? 'an unknown place'}, and ${valuesAt('here')} at ${place.describe(there)}${advice}`;
  }

  #outdatedBy(place: Place): string[] {
    return [...this.#places].flatMap(([key, earlier]) => (place.isAgain(earlier.place) ? [key] : []));
  }
}

/** What is said of a site that was evaluated again with other options. */
export function renewal(operation: string, differences: readonly Difference[], place: Place): string {
  const values = differences.map(({ name, there, here }) => `${name} is ${valueText(here)} and was ${valueText(there)}`);
  return `The operation '${operation}' was evaluated again, at ${place.describe()}, and has its newest options: ${values.join('; ')}`;
}

/** Options that say where a site is, what its function gives and what its policies may be, not how the breaker behaves. */
const NOT_THE_BREAKERS: readonly string[] = ['name', 'registry', 'stream', 'allow'];
