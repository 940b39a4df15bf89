import { version } from '../core/shared';
import type { BreakerOptions } from '../breaker/options';
import type { AppliedPolicy } from '../protect/policy';
import { ambientRegistry } from './ambient-registry';
import { registry as defaultRegistry } from './default-registry';
import type { ExpectedSites } from './expected-sites';
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
export interface SitePipeline {
  /** Outermost first. */
  readonly policies: readonly AppliedPolicy[];
}

/** The wrappers of a site where other people's may be between them, as those of stacked decorators. Decorators bring it. */
export interface WrapperStack {
  /** The current ones, innermost first. */
  readonly pipelines: readonly SitePipeline[];
  /** Adds a wrapper. @param inner - The one that it is around, where that is ours. */
  add(pipeline: SitePipeline, inner: SitePipeline | undefined): void;
  /** Whether the breaker counts in another wrapper than in this one, which has none itself. */
  countsElsewhere(pipeline: SitePipeline): boolean;
}

/** The operation of a site in one registry. */
interface Registration {
  readonly operation: Operation;
  /** What was in force when the site came to it: see `SitePlaces.generation`. 0 in a production build. */
  readonly generation: number;
}

/** One place in the program that protects a function or method. */
export class Site {
  /** The name that a policy gives; undefined: it is derived. */
  explicitName: string | undefined = undefined;
  /** The name it got when it was first registered, the same in every registry. */
  resolvedName: string | undefined = undefined;
  /** What its policies say about the breaker; undefined while none says anything. */
  breakerOptions: BreakerOptions | undefined = undefined;
  /** Who waits for its name. */
  expectedBy: ExpectedSites | undefined = undefined;
  /** Where it was made: there its name is given. */
  home: BreakerRegistry;
  stack: WrapperStack | undefined = undefined;
  /** Held here: a registry holds an operation of a derived name weakly. */
  readonly registrations = new WeakMap<BreakerRegistry, Registration>();

  /**
   * @param registry - The one that was named, whatever is ambient.
   * @param onMeet - Called with the receiver of a call, while the name is not known.
   */
  constructor(
    readonly derive: Derivation,
    readonly place: Place | undefined,
    public registry: BreakerRegistry | undefined,
    private readonly onMeet?: (self: unknown) => void,
  ) {
    this.home = registry ?? ambientRegistry() ?? defaultRegistry;
  }

  /** Its name as far as it can be known now. */
  get baseName(): string | undefined {
    return this.explicitName ?? this.resolvedName ?? this.derive()?.name;
  }

  /** Looks at a receiver, which may tell the class of a method. */
  meet(self: unknown): void {
    if (this.resolvedName === undefined) this.onMeet?.(self);
  }

  /** @returns The operation; undefined while its name cannot be known. */
  register(registry = this.home): Operation | undefined {
    return registry.table.register(this);
  }

  /**
   * Takes over what another policy of the stack says.
   *
   * @throws {@link OperationConflictError} or {@link ConfigurationError}; nothing has changed then.
   */
  learn(explicitName = this.explicitName, breakerOptions = this.breakerOptions, registry = this.registry): void {
    const before = { ...this };
    const home = registry ?? this.home;
    const old = this.registrations.get(before.home);
    const isOther = home !== before.home || explicitName !== this.explicitName;
    if (isOther) this.registrations.delete(before.home);
    if (registry !== this.registry) version.current++;
    Object.assign(this, { explicitName, breakerOptions, registry, home }, isOther && { resolvedName: undefined });
    if (old?.operation.isLive !== true) return;
    try {
      this.register();
    } catch (error) {
      Object.assign(this, before);
      this.registrations.set(before.home, old);
      throw error;
    }
    if (isOther) before.home.table.leave(old.operation);
  }
}
