import { isNumbered } from './names';
import type { Operation } from './operation';

/** Minifiers name so. */
const SHORT = 2;

/**
 * Which names mean the same in another build, or another process: explicit ones, and derived ones that no minifier wrote. One class or function
 * that has a name of one or two characters shows that the program is minified: then all derived names of the registry are doubted.
 */
export class NameTrust {
  /** Told when names that were trusted are not any more, or are again. */
  onChange: (() => void) | undefined;
  /** The first name of a class or function that was so short. */
  #short: string | undefined;
  #isTrusted: boolean | undefined;

  /** What somebody decided for all derived names; undefined: by their looks. */
  get isTrusted(): boolean | undefined {
    return this.#isTrusted;
  }

  set isTrusted(isTrusted: boolean | undefined) {
    this.#isTrusted = isTrusted;
    this.onChange?.();
  }

  /** Looks at what a derived name was made of. */
  note(identifier: string | undefined): void {
    if (identifier === undefined || identifier === '' || identifier.length > SHORT || this.#short !== undefined) return;
    this.#short = identifier;
    this.onChange?.();
  }

  /** Why the name of an operation may mean another one elsewhere; undefined when it does not. */
  doubt(operation: Operation): Doubt | undefined {
    const { owner, name } = operation;
    if (owner === undefined) return undefined;
    if (isNumbered(name)) return { site: owner, why: __DEV__ ? 'its number may mean another operation elsewhere; give it a `name`' : 'numbered' };
    if (owner.identifier === '' || name === 'anonymous') return { site: owner, why: __DEV__ ? 'all functions without a name are named so; give it a `name`' : 'anonymous' };
    if (this.#isTrusted === false) return { site: owner };
    if (this.#isTrusted === true || this.#short === undefined) return undefined;
    return {
      site: this,
      why: !__DEV__ ? 'minified' :
        `'${this.#short}' is a name as minifiers write them: no derived name of this registry is sure to mean the same in another build; ` +
        'give operations a `name:` or classes a `static operationName`, have the minifier keep names (`keepNames`), or say `trustDerivedNames: true`',
    };
  }
}

/** Why a name is left out of what outlives the process. */
export interface Doubt {
  /** What is warned of, once. */
  readonly site: object;
  /** Absent when somebody said so. */
  readonly why?: string;
}
