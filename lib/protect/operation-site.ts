import { version } from '../core/shared';
import { ambientRegistry } from '../registry/ambient-registry';
import { registry as defaultRegistry } from '../registry/default-registry';
import { expect, type ExpectedSites } from '../registry/expected-sites';
import type { Operation } from '../registry/operation';
import type { Place } from '../registry/place';
import type { BreakerRegistry } from '../registry/registry';
import type { Derivation, Site } from '../registry/site';
import type { BreakerOptions } from '../breaker/options';
import { isBreaker, type AppliedPolicy } from './policy';

/** What a site knows of the pipeline of one of its wrappers. */
export interface SitePipeline {
  /** Outermost first. */
  readonly policies: readonly AppliedPolicy[];
}

/** A site with the wrappers that protect it: one, or several with other people's wrappers between them. */
export class OperationSite implements Site {
  explicitName: string | undefined;
  resolvedName: string | undefined;
  breakerOptions: BreakerOptions | undefined;
  expectedBy: ExpectedSites | undefined;
  readonly operations = new WeakMap<object, Operation>();
  readonly generations = __DEV__ ? new WeakMap<object, number>() : undefined;
  /** Where it was made: there its name is given. */
  home: BreakerRegistry;
  /** The current wrappers, innermost first. */
  readonly pipelines: SitePipeline[] = [];

  /**
   * @param registry - The one that was named, whatever is ambient.
   * @param onMeet - Called with the receiver of a call, while the name is not known.
   */
  constructor(
    private readonly derive: Derivation,
    readonly place: Place | undefined,
    public registry: BreakerRegistry | undefined,
    private readonly onMeet?: (self: unknown) => void,
  ) {
    this.home = registry ?? ambientRegistry() ?? defaultRegistry;
  }

  get baseName(): string | undefined {
    return this.explicitName ?? this.resolvedName ?? this.derive()?.name;
  }

  get identifier(): string | undefined {
    return this.derive()?.identifier;
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
   * Adds a wrapper. Around another one of ours it stands for that one from now on; a second wrapper around the same one is
   * a branch, with a breaker layer of its own. Only with a stranger's between them do our wrappers nest.
   */
  add(pipeline: SitePipeline, inner: SitePipeline | undefined): void {
    const { pipelines } = this;
    if (inner === undefined) pipelines.push(pipeline);
    else if (pipelines.includes(inner)) pipelines[pipelines.indexOf(inner)] = pipeline;
  }

  /**
   * Whether the breaker counts in another wrapper than in this one, which has none itself. A branch, or a wrapper that another one stands for, is
   * called by itself: no other wrapper is around it.
   */
  countsElsewhere(pipeline: SitePipeline): boolean {
    const at = this.pipelines.indexOf(pipeline);
    return at > 0 || (at === 0 && this.pipelines.some((other) => other !== pipeline && other.policies.some(isBreaker)));
  }

  /**
   * Takes over what another policy of the stack says.
   *
   * @throws {@link OperationConflictError} or {@link ConfigurationError}; nothing has changed then.
   */
  learn(name: string | undefined, breakerOptions = this.breakerOptions, registry = this.registry): void {
    const { home, explicitName, resolvedName, operations } = this;
    const before = { explicitName, resolvedName, breakerOptions: this.breakerOptions, registry: this.registry, home };
    const isMoved = registry !== undefined && registry !== home;
    const isOther = isMoved || (name !== undefined && name !== explicitName);
    const old = operations.get(home.table);
    if (isOther) {
      this.resolvedName = undefined;
      operations.delete(home.table);
    }
    Object.assign(this, { explicitName: name ?? explicitName, breakerOptions, registry, home: registry ?? home });
    if (registry !== before.registry) version.current++;
    try {
      if (old?.isLive === true) this.register();
      else if (isMoved) this.expectedBy?.move(this, this.home.table);
    } catch (error) {
      if (isMoved) this.release();
      Object.assign(this, before);
      if (old !== undefined) operations.set(home.table, old);
      throw error;
    }
    if (isOther && old !== undefined) home.table.leave(old);
  }

  /** Takes its registration back. */
  release(): void {
    this.home.table.release(this);
  }
}

/** Registers a site of a class where it was made, as soon as its name can be known. */
export function announce(site: OperationSite): void {
  if (site.explicitName !== undefined) site.register();
  else if (site.expectedBy === undefined) expect(site, site.home.table);
}
