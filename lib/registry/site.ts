import type { BreakerOptions } from '../breaker/options';
import type { StackedPolicy } from '../core/policy';
import { version } from '../core/version';
import { ambientRegistry } from './ambient-registry';
import { registry as defaultRegistry } from './default-registry';
import type { Operation } from './operation';
import type { Place } from './place';
import type { BreakerRegistry } from './registry';

/** A name that the program does not say. */
export interface DerivedName {
  readonly name: string;
  /** What the compiler has of it: the name of the class or function, `''` without one. Undefined when the class says what it is called. */
  readonly identifier: string | undefined;
}

/** Finds it; undefined while it cannot be known: a class may still be in the making. */
export type Derivation = () => DerivedName | undefined;

/** What a site knows of the pipeline of one of its wrappers. */
interface SitePipeline<P extends StackedPolicy> {
  /** Outermost first. */
  readonly policies: readonly P[];
}

/** An operation of a site, in one registry. */
interface Entry {
  readonly operation: Operation;
  /** What was in force when the site came to it: see `Operation.generation`. */
  readonly generation: number;
}

/**
 * One place in the program that protects a function or method: what the registry knows of it, and the wrappers there. They are one, or
 * several with other people's wrappers between them.
 */
export class Site<P extends StackedPolicy = StackedPolicy> {
  /** The name that its policies give. */
  named: string | undefined = undefined;
  /** What its policies say about the breaker; undefined while none says anything. */
  breakerOptions: BreakerOptions | undefined = undefined;
  /** The name it got when it was first registered, the same in every registry. */
  resolvedName: string | undefined = undefined;
  /** Where it was made: there its name is given. */
  home: BreakerRegistry;
  /** The pipelines of its current wrappers, innermost first. */
  readonly pipelines: SitePipeline<P>[] = [];
  /** Its operation by registry, held here: a registry holds an operation of a derived name weakly. */
  readonly entries = new WeakMap<object, Entry>();
  #isExpected = false;

  /**
   * @param registry - The one that was named, whatever is ambient.
   * @param onMeet - Called with the receiver of a call, while the name is not known.
   */
  constructor(
    readonly derive: Derivation,
    readonly place: Place,
    public registry: BreakerRegistry | undefined,
    private readonly onMeet?: (self: unknown) => void,
  ) {
    this.home = registry ?? ambientRegistry() ?? defaultRegistry;
  }

  /** Its name as far as it can be known now. */
  get baseName(): string | undefined {
    return this.named ?? this.resolvedName ?? this.derive()?.name;
  }

  /** What the compiler has of a derived name. */
  get identifier(): string | undefined {
    return this.named === undefined ? this.derive()?.identifier : undefined;
  }

  /** Looks at a receiver, which may tell the class of a method. */
  meet(self: unknown): void {
    if (this.resolvedName === undefined) this.onMeet?.(self);
  }

  /** Registers where it was made, as soon as its name can be known. */
  announce(): void {
    if (this.named !== undefined) this.enter();
    else if (!this.#isExpected) this.home.table.expect(this);
    this.#isExpected = true;
  }

  enter(registry = this.home): Operation | undefined {
    return registry.table.enter(this);
  }

  /** Takes its registration back. */
  withdraw(): void {
    this.home.table.withdraw(this);
  }

  /**
   * Adds a wrapper. Around another one of ours it stands for that one from now on; a second wrapper around the same one is
   * a branch, with a breaker layer of its own. Only with a stranger's between them do our wrappers nest.
   */
  add(pipeline: SitePipeline<P>, inner: SitePipeline<P> | undefined): void {
    const at = inner === undefined ? this.pipelines.length : this.pipelines.indexOf(inner);
    if (at >= 0) this.pipelines[at] = pipeline;
  }

  /**
   * Whether the breaker counts in another wrapper than in this one, which has none itself. A branch, or a wrapper that another one stands for, is
   * called by itself: no other wrapper is around it.
   */
  countsElsewhere(pipeline: SitePipeline<P>): boolean {
    const at = this.pipelines.indexOf(pipeline);
    return at > 0 || (at === 0 && this.pipelines.some((other) => other !== pipeline && other.policies.some(isBreaker)));
  }

  /**
   * Takes over what another policy of the stack says.
   *
   * @throws {@link OperationConflictError} or {@link ConfigurationError}; nothing has changed then.
   */
  learn(name: string | undefined, breakerOptions: BreakerOptions | undefined, registry: BreakerRegistry | undefined): void {
    const { named, resolvedName, home } = this;
    const before = { named, resolvedName, home, breakerOptions: this.breakerOptions, registry: this.registry };
    const isRenamed = name !== undefined && name !== named;
    const isMoved = registry !== undefined && registry !== home;
    this.named = name ?? named;
    if (isRenamed || isMoved) this.resolvedName = undefined;
    this.breakerOptions = breakerOptions ?? this.breakerOptions;
    this.registry = registry ?? this.registry;
    this.home = registry ?? home;
    try {
      if (isMoved) this.#moveFrom(home);
      else home.table.reenter(this, isRenamed);
    } catch (error) {
      if (isMoved) this.withdraw();
      Object.assign(this, before);
      throw error;
    } finally {
      if (registry !== undefined) version.current++;
    }
  }

  /** Registers in its new home as it was in the old one, and leaves that. */
  #moveFrom(old: BreakerRegistry): void {
    if (this.entries.has(old.table)) this.enter();
    else if (this.#isExpected) this.home.table.expect(this);
    old.table.withdraw(this);
  }
}

export function isBreaker({ kind }: StackedPolicy): boolean {
  return kind.policy === 'breaker';
}
