import type { BreakerOptions } from '../breaker/options';
import type { ExpectedSites } from './expected-sites';
import type { Operation } from './operation';
import type { Place } from './place';

/** A name that the program does not say. */
export interface DerivedName {
  readonly name: string;
  /** What the compiler has of it: the name of the class or function, `''` without one. Undefined when the class says what it is called. */
  readonly identifier: string | undefined;
}

/** Finds it; undefined while it cannot be known: a class may still be in the making. */
export type Derivation = () => DerivedName | undefined;

/** One place in the program that protects a function or method: what the registry knows of it. */
export interface Site {
  /** The name that a policy gives; undefined: it is derived. */
  readonly explicitName: string | undefined;
  /** The name it got when it was first registered, the same in every registry. */
  resolvedName: string | undefined;
  /** Its name as far as it can be known now. */
  readonly baseName: string | undefined;
  /** See {@link DerivedName}. */
  readonly identifier: string | undefined;
  /** What its policies say about the breaker; undefined while none says anything. */
  readonly breakerOptions: BreakerOptions | undefined;
  readonly place: Place | undefined;
  /** Who waits for its name. */
  expectedBy: ExpectedSites | undefined;
  /** Its operation in each registry, held here: a registry holds an operation of a derived name weakly. */
  readonly operations: WeakMap<object, Operation>;
  /** What was in force when it came to its operation of each registry: see `SitePlaces.generation`. In a development build. */
  readonly generations: WeakMap<object, number> | undefined;
}
