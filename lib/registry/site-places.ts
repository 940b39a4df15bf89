import { OF_THE_SITE, sameOptions } from '../core/options';
import { valueText } from '../core/safe-inspect';
import type { Place } from './place';

/** An option that two sites give otherwise. */
export interface Difference {
  readonly name: string;
  readonly there: unknown;
  readonly here: unknown;
}

/** Of so many places it is remembered what was said there: code that is generated has ever new ones. */
const MOST_PLACES = 64;

/** What a site has said last. */
interface Said {
  readonly place: Place;
  /** Whether it said anything about the breaker. */
  readonly hasOptions: boolean;
}

/** The places of an operation's sites, each as it was evaluated last; of very many, the last. */
export class SitePlaces {
  #said: readonly Said[] = [];
  /** Whether the options in force were said by sites that have all been evaluated again since. */
  areOptionsOld = false;
  /** Grows when a site that is evaluated again takes the operation over: what older sites said counts no more. */
  generation = 0;

  /** How many are kept. */
  get size(): number {
    return this.#said.length;
  }

  /** Keeps the place of a site. @param hasOptions - Whether it said anything about the breaker. */
  note(place: Place, hasOptions: boolean): void {
    const others = this.#said.filter((one) => !place.isSameAs(one.place));
    // Of just the length it needs: a list that is spread has room for more, which each operation would keep.
    this.#said = others.slice(1 - MOST_PLACES).concat({ place, hasOptions });
  }

  /** Whether one of the sites is evaluated again at a place. */
  isAgain(place: Place): boolean {
    return this.#said.some((one) => place.isAgain(one.place));
  }

  /**
   * A site is evaluated again at a place: what it said at its old one is old.
   *
   * @param takeUp - Takes up what it says now. When it throws, all is as it was.
   */
  renew(place: Place, takeUp: () => void): void {
    const outdated = this.#said.filter((one) => place.isAgain(one.place));
    const before = this.areOptionsOld;
    this.areOptionsOld ||= this.#said.every((one) => !one.hasOptions || outdated.includes(one));
    try {
      takeUp();
    } catch (error) {
      this.areOptionsOld = before;
      throw error;
    }
    this.#said = this.#said.filter((one) => !outdated.includes(one));
  }

  /** Whether what is written at a place is one of the sites: then functions agree by their source. */
  isOneOf(place: Place): boolean {
    return this.#said.some((one) => place.isOneSiteWith(one.place));
  }

  /** What is said of sites that do not agree. */
  disagreement(differences: readonly Difference[], place: Place): string {
    const there = this.#said.find(({ hasOptions }) => hasOptions)?.place;
    const valuesAt = (side: 'there' | 'here'): string => differences.map((one) => `${one.name}: ${valueText(one[side])}`).join(', ');
    const areFunctions = differences.some((one) => typeof one.there === 'function' && typeof one.here === 'function');
    const advice = areFunctions ? '; functions agree when they are one and the same' : '';
    return `another site gave other values: ${valuesAt('there')} at ${there?.describe(place) ?? 'an unknown place'}, and ${valuesAt('here')} at ${place.describe(there)}${advice}`;
  }
}

/** The options of `there` that a site gives otherwise. @param bySource - Whether functions agree by their source. */
export function differences(there: object, here: object, bySource: boolean): Difference[] {
  const all = Object.keys({ ...there, ...here }).map((name): Difference => ({ name, there: there[name as never], here: here[name as never] }));
  return all.filter((one) => !OF_THE_SITE.includes(one.name) && !sameOptions(one.there, one.here, bySource));
}

/** What is said of a site that was evaluated again with other options. */
export function renewal(operation: string, differences: readonly Difference[], place: Place): string {
  const values = differences.map(({ name, there, here }) => `${name} is ${valueText(here)} and was ${valueText(there)}`);
  return `The operation '${operation}' was evaluated again, at ${place.describe()}, and has its newest options: ${values.join('; ')}`;
}
