import type { Breaker } from '../breaker/breaker';
import type { Operation } from '../registry/operation';

/** Why a name is left out of what outlives the process. */
export interface Doubt {
  /** The object that the warning is about: it is given once for each. */
  readonly site: object;
  /** Absent when somebody said so. */
  readonly why?: string;
}

/**
 * Why the name of an operation may mean another one in another build, or another process; undefined when it does not. Explicit names never do,
 * nor derived ones that no minifier wrote. One class or function that has a name of one or two characters shows that the program is
 * minified: then all derived names of the registry are doubted.
 */
export function doubtOf({ owner, name, registry }: Operation): Doubt | undefined {
  const { trustDerivedNames, shortName } = registry;
  if (owner === undefined) return undefined;
  // Numbered because its base was taken.
  if (/#\d+$/.test(name)) return { site: owner, why: __DEV__ ? 'its number may mean another operation elsewhere; give it a `name`' : 'numbered' };
  if (owner.identifier === '' || name === 'anonymous') return { site: owner, why: __DEV__ ? 'all functions without a name are named so; give it a `name`' : 'anonymous' };
  if (trustDerivedNames === false) return { site: owner };
  return trustDerivedNames === true || shortName === undefined ? undefined : { site: registry, why: __DEV__ ? whyMinified(shortName) : 'minified' };
}

function whyMinified(shortName: string): string {
  return (
    `'${shortName}' is a name as minifiers write them: no derived name of this registry is sure to mean the same in another build; ` +
    'give operations a `name:` or classes a `static operationName`, have the minifier keep names (`keepNames`), or say `trustDerivedNames: true`'
  );
}

/** The breakers of an operation that another process can find: an instance has no name there. */
export function findable({ breaker, keyed }: Operation): Iterable<Breaker> {
  return breaker === undefined ? keyed.values() : [breaker];
}
