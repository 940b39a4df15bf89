import type { Operation } from './operation';
import type { Place } from './place';
import type { BreakerOptions } from '../breaker/options';

/** Where an operation's name comes from. */
export type SiteName =
  | { readonly kind: 'explicit'; readonly name: string }
  | { readonly kind: 'derived'; readonly derive: Derivation };

/** A name that the program does not say. */
export interface DerivedName {
  readonly name: string;
  /** What the compiler has of it: the name of the class or function, `''` without one. Undefined when the class says what it is called. */
  readonly identifier: string | undefined;
}

/** Finds it; undefined while it cannot be known: a class may still be in the making. */
export type Derivation = () => DerivedName | undefined;

/** One place in the program that protects a function or method: what the registry knows of it. */
export class Site {
  /** What its policies say about the breaker; undefined while none says anything. */
  breakerOptions: BreakerOptions | undefined;
  /** The name it got when it was first registered, the same in every registry. */
  resolvedName: string | undefined;
  /** Its operation in each registry, held here: a registry holds an operation of a derived name weakly. */
  readonly operations = new WeakMap<object, Operation>();

  /** What was in force when it came to its operation of each registry: see `Operation.generation`. */
  readonly generations = new WeakMap<object, number>();

  constructor(
    public name: SiteName,
    readonly place: Place,
  ) {}

  /** Its name as far as it can be known now. */
  get baseName(): string | undefined {
    return this.name.kind === 'explicit' ? this.name.name : (this.resolvedName ?? this.name.derive()?.name);
  }

  get identifier(): string | undefined {
    return this.name.kind === 'explicit' ? undefined : this.name.derive()?.identifier;
  }
}
