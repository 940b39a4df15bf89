import { version } from '../core/shared';
import { OperationConflictError } from '../core/errors';
import type { Allowance, ShownBulkheads } from '../core/policy';
import { warnOnce } from '../core/warn';
import type { Breaker } from '../breaker/breaker';
import { beginGeneration } from '../breaker/configure';
import { drop } from '../breaker/ready';
import type { BreakerOptions, BreakerSettings } from '../breaker/options';
import { sourcesFor, type OptionSource } from './config';
import type { Counter } from './counter';
import { equipment, type BreakerGroup } from './group';
import { Place } from './place';
import type { BreakerRegistry } from './registry';
import type { Derivation } from './site';
import { differences, renewal, SitePlaces, type Difference } from './site-places';

/** The site whose derived name an operation has. */
export interface Owner {
  readonly place: Place | undefined;
  readonly derive: Derivation;
}

/** One operation of a registry: its name, its options, and its breakers. */
export class Operation {
  /** What its options, and those of the registry, come to; undefined while it only counts. */
  settings: BreakerSettings | undefined;
  group: BreakerGroup;
  /** How many sites share it. Without any, the first site of its name adopts it. */
  sites = 0;
  /** Whether it is in its registry still. */
  isLive = true;
  /** The budget of its retries: of several wrappers that have one, that of the last to be compiled. */
  allowance: Allowance | undefined = undefined;
  /** The slots of its bulkheads; undefined while it has none. */
  bulkheads: ShownBulkheads | undefined = undefined;
  /** Where its sites are; in a development build. */
  readonly places = __DEV__ ? new SitePlaces() : undefined;

  /**
   * @param options - The breaker options of its sites; undefined while none brings a breaker: then it only counts.
   * @param owner - The site whose derived name this is; undefined for an explicit name, which many sites may share.
   * @param base - The derived name without its number.
   * @throws {@link ConfigurationError} when the defaults of the registry are wrong.
   */
  constructor(
    readonly name: string,
    readonly registry: BreakerRegistry,
    public options: BreakerOptions | undefined,
    public owner?: Owner,
    readonly base?: string,
  ) {
    this.settings = options && this.#resolve(options);
    this.group = groupOf(this);
  }

  /** It is its own strong reference, where the registry has a weak one of others. */
  deref(): this {
    return this;
  }

  /** The one breaker; undefined when there is one per key or instance, or none. */
  get breaker(): Breaker | undefined {
    return this.settings && (this.single as Breaker | undefined);
  }

  /** The one breaker, or what counts in its place. */
  get single(): Breaker | Counter | undefined {
    return this.group.single;
  }

  /** All breakers that there are now, or what counts in their place. */
  get all(): (Breaker | Counter)[] {
    const { single, group } = this;
    return single === undefined ? [...(group as Iterable<Breaker>)] : [single];
  }

  /** All breakers that there are now. */
  get breakers(): Breaker[] {
    return this.settings === undefined ? [] : (this.all as Breaker[]);
  }

  /** The breakers of keys, by key. */
  get keyed(): ReadonlyMap<string, Breaker> {
    return this.group.keyed ?? new Map();
  }

  /**
   * Lets a site share the operation.
   *
   * @throws {@link OperationConflictError} when the site's options disagree with those given before.
   */
  share(options: BreakerOptions | undefined, place: Place | undefined): void {
    if (options !== undefined) {
      const isOld = __DEV__ && this.places!.areOptionsOld;
      const differing = this.differences(options, place);
      if (differing.length > 0 && !isOld) throw new OperationConflictError(this.name, __DEV__ ? this.places!.disagreement(differing, place ?? Place.unknown()) : 'another site gave other values');
      if (__DEV__ && differing.length > 0) warnOnce(this, 'BREAKER_BOX_EVALUATED_AGAIN', renewal(this.name, differing, place ?? Place.unknown()));
      if (this.options === undefined || isOld) this.adopt(options);
      if (__DEV__) this.places!.areOptionsOld = false;
    }
    if (__DEV__) this.places!.note(place ?? Place.unknown(), options !== undefined);
  }

  /** {@link share}, for a site that may be one of the present ones, evaluated again. @throws {@link OperationConflictError} */
  shareOrRenew(options: BreakerOptions | undefined, place: Place | undefined): void {
    if (__DEV__ && place !== undefined && this.places!.isAgain(place)) takeOver(this, options, place);
    else this.share(options, place);
  }

  /** What a site gives otherwise. Functions agree by identity; at a place that is one of the sites', and in production, by their source text. */
  differences(options: BreakerOptions, place?: Place): Difference[] {
    if (this.options === undefined || this.options === options) return [];
    const there = this.#resolve(this.options, false).options;
    const here = this.#resolve(options, false).options;
    const found = differences(there, here, !__DEV__);
    return __DEV__ && found.length > 0 && place !== undefined && this.places!.isOneOf(place) ? differences(there, here, true) : found;
  }

  /**
   * Takes over the options of its first site that has any.
   *
   * @param changed - Options that single breakers do not keep for themselves any more.
   * @throws {@link ConfigurationError} when the defaults of the registry are wrong; nothing has changed then.
   */
  adopt(options: BreakerOptions | undefined, changed: BreakerOptions = {}): void {
    const { settings: before, group, breakers } = this;
    const settings = this.#resolve(options ?? {});
    this.options = options;
    this.settings = settings;
    if (before !== undefined && isOneGroup(before, settings)) {
      equipment.configure!(this, changed);
      return;
    }
    this.group = groupOf(this);
    if (this.breaker !== undefined) group.passOnTo?.(this.breaker);
    this.expire();
    this.registry.equipped(this);
    breakers.forEach(drop);
  }

  /** Takes over the entries of the registry. @param changed - See {@link adopt}. */
  refresh(changed?: BreakerOptions): void {
    if (this.settings !== undefined) this.adopt(this.options, changed);
  }

  /** Pipelines of it must be composed again. */
  expire(): void {
    version.current++;
  }

  /** The options that make its settings, the weakest first. @param options - Those of its sites. */
  sources(options = this.options ?? {}, withConfigured = true): OptionSource[] {
    const { injected, config } = this.registry;
    return [{ source: REGISTRY_ITSELF, options: injected }, ...sourcesFor(config, this.name, { source: SITE, options }, withConfigured)];
  }

  /** @param withConfigured - Whether with what operators have configured over the sites, which is not compared. */
  #resolve(options: BreakerOptions, withConfigured = true): BreakerSettings {
    return equipment.settings!(this.sources(options, withConfigured), this.name);
  }
}

/**
 * Lets a site that was evaluated again take an operation over: its options are the newest, and what is under way is late.
 *
 * @throws {@link OperationConflictError} when they disagree with those of another site that was not; nothing has changed then.
 */
function takeOver(operation: Operation, options: BreakerOptions | undefined, place: Place): void {
  const places = operation.places!;
  places.renew(place, () => {
    operation.share(options, place);
  });
  places.generation++;
  for (const breaker of operation.breakers) beginGeneration(breaker);
}

/** Whether two settings ask for the same breakers: one, or one per key or instance. */
function isOneGroup({ options: one }: BreakerSettings, { options: other }: BreakerSettings): boolean {
  return one.scope === other.scope && (one.key === undefined) === (other.key === undefined);
}

/** What an operation counts with, made anew. */
export function groupOf(operation: Operation): BreakerGroup {
  return operation.settings === undefined ? equipment.counter!(operation) : equipment.breakers!(operation);
}

/** The source of the options of a site. */
export const SITE = 'site';

/** The source of what a registry was given to inject. */
export const REGISTRY_ITSELF = 'registry';
