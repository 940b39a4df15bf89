import { circumstances } from '../core/circumstances';
import { ambientRegistry } from '../registry/ambient-registry';
import { registry as defaultRegistry } from '../registry/default-registry';
import type { Operation } from '../registry/operation';
import type { Place } from '../registry/place';
import type { BreakerRegistry } from '../registry/registry';
import { Site, type SiteName } from '../registry/site';
import type { BreakerOptions } from '../breaker/options';
import type { AppliedPolicy } from './policy';

/** What a site knows of the pipeline of one of its wrappers. */
export interface SitePipeline {
  /** Outermost first. */
  readonly policies: readonly AppliedPolicy[];
}

/** A site with the wrappers that protect it: one, or several with other people's wrappers between them. */
export class OperationSite extends Site {
  /** Where it was made: there its name is given. */
  home: BreakerRegistry;
  #registry: BreakerRegistry | undefined;
  /** The current wrappers, innermost first. */
  #pipelines: SitePipeline[] = [];
  #isExpected = false;

  /**
   * @param onMeet - Told the receiver of a call, while the name is not known.
   */
  constructor(
    name: SiteName,
    place: Place,
    registry: BreakerRegistry | undefined,
    private readonly onMeet?: (self: unknown) => void,
  ) {
    super(name, place);
    this.#registry = registry;
    this.home = registry ?? ambientRegistry() ?? defaultRegistry;
  }

  /** The one that was named, whatever is ambient. */
  get registry(): BreakerRegistry | undefined {
    return this.#registry;
  }

  set registry(registry: BreakerRegistry | undefined) {
    this.#registry = registry;
    circumstances.changes++;
  }

  get pipelines(): readonly SitePipeline[] {
    return this.#pipelines;
  }

  /** Looks at a receiver, which may tell the class of a method. */
  meet(self: unknown): void {
    if (this.resolvedName === undefined) this.onMeet?.(self);
  }

  /** Registers where it was made, as soon as its name can be known. */
  announce(): void {
    if (this.name.kind === 'explicit') this.enter(this.home);
    else if (!this.#isExpected) this.home.table.expect(this);
    this.#isExpected = true;
  }

  enter(registry: BreakerRegistry): Operation | undefined {
    return registry.table.enter(this);
  }

  /**
   * Adds a wrapper. Around another one of ours it stands for that one from now on; a second wrapper around the same one is
   * a branch, with a breaker layer of its own. Only with a stranger's between them do our wrappers nest.
   */
  add(pipeline: SitePipeline, inner: SitePipeline | undefined): void {
    if (inner === undefined) this.#pipelines.push(pipeline);
    else if (this.#pipelines.includes(inner)) this.#pipelines[this.#pipelines.indexOf(inner)] = pipeline;
  }

  /** Whether the operation's breaker counts in this wrapper when none of its policies is a breaker. */
  breakerIn(pipeline: SitePipeline): 'counting' | 'gate' {
    // A branch, or a wrapper that another one stands for: it is called by itself, and no breaker is around it.
    if (!this.#pipelines.includes(pipeline)) return 'counting';
    const others = this.#pipelines.filter((other) => other !== pipeline);
    const isElsewhere = others.some(({ policies }) => policies.some(({ kind }) => kind.policy === 'breaker'));
    return isElsewhere || this.#pipelines.indexOf(pipeline) > 0 ? 'gate' : 'counting';
  }

  /**
   * Takes over what another policy of the stack says.
   *
   * @throws {@link OperationConflictError} or {@link ConfigurationError}; nothing has changed then.
   */
  learn(name: string | undefined, breakerOptions: BreakerOptions | undefined, registry: BreakerRegistry | undefined): void {
    const isRenamed = name !== undefined && !(this.name.kind === 'explicit' && this.name.name === name);
    const { home } = this;
    const before = { name: this.name, resolvedName: this.resolvedName, breakerOptions: this.breakerOptions, registry: this.registry, home };
    const isMoved = registry !== undefined && registry !== home;
    if (isRenamed) Object.assign(this, { name: { kind: 'explicit', name } });
    if (isRenamed || isMoved) this.resolvedName = undefined;
    if (breakerOptions !== undefined) this.breakerOptions = breakerOptions;
    if (registry !== undefined) Object.assign(this, { registry, home: registry });
    try {
      if (isMoved) this.#moveFrom(home);
      else home.table.reenter(this, isRenamed);
    } catch (error) {
      if (isMoved) this.withdraw();
      Object.assign(this, before);
      throw error;
    }
  }

  /** Registers in its new home as it was in the old one, and leaves that. */
  #moveFrom(old: BreakerRegistry): void {
    if (this.operations.has(old.table)) this.enter(this.home);
    else if (this.#isExpected) this.home.table.expect(this);
    old.table.withdraw(this);
  }

  /** Takes its registration back. */
  withdraw(): void {
    this.home.table.withdraw(this);
  }
}
