import type { Breaker } from '../breaker/breaker';
import type { Operation } from '../registry/operation';
import type { BreakerRegistry } from '../registry/registry';

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
export function doubtOf(operation: Operation): Doubt | undefined {
  const { owner, name, registry } = operation;
  const { trustDerivedNames } = registry;
  if (owner === undefined) return undefined;
  // Numbered because its base was taken.
  if (/#\d+$/.test(name)) return { site: owner, why: __DEV__ ? 'its number may mean another operation elsewhere; give it a `name`' : 'numbered' };
  if (owner.derive()?.identifier === '' || name === 'anonymous') return { site: owner, why: __DEV__ ? 'all functions without a name are named so; give it a `name`' : 'anonymous' };
  if (trustDerivedNames === false) return { site: owner };
  if (trustDerivedNames === true) return undefined;
  const shortName = shortNameIn(registry, operation);
  return shortName === undefined ? undefined : { site: registry, why: __DEV__ ? whyMinified(shortName) : 'minified' };
}

/** Classes and functions have names of so many characters where a minifier named them. */
const SHORT = 2;

const shortNames = new WeakMap<BreakerRegistry, string | undefined>();

/** The first class or function of a registry whose name is as short as those that minifiers give; from the first time on that it is asked for, those that come are looked at as well. */
function shortNameIn(registry: BreakerRegistry, operation: Operation): string | undefined {
  const look = ({ owner }: Operation): void => {
    const identifier = owner?.derive()?.identifier ?? '';
    if (shortNames.get(registry) !== undefined || identifier === '' || identifier.length > SHORT) return;
    shortNames.set(registry, identifier);
    for (const observer of registry.observers) observer.trustChanged?.();
  };
  if (!shortNames.has(registry)) {
    shortNames.set(registry, undefined);
    for (const one of registry.table) look(one);
    registry.observe({ registered: look });
  }
  // It may be on the way into the registry.
  look(operation);
  return shortNames.get(registry);
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
