import { version } from '../core/version';
import { OperationConflictError } from '../core/errors';
import type { EventSink } from '../core/observers';
import type { Allowance, ShownBulkheads } from '../core/policy';
import { warnOnce } from '../core/warn';
import { systemClock } from '../core/clock';
import type { Breaker } from '../breaker/breaker';
import type { BreakerOptions, BreakerSettings } from '../breaker/options';
import type { BreakerGroup } from './breaker-group';
import { Counter, isCounter } from './counter';
import { entriesFor, type ConfigList, type OptionSource } from './config';
import type { RegistryEvents } from './events';
import { equipment, type Equipment } from './equipment';
import type { Place } from './place';
import { differences, renewal, SitePlaces, type Difference } from './site-places';

/** What an operation knows of its registry. */
export interface OperationHost {
  readonly config: ConfigList;
  readonly injected: Pick<BreakerOptions, 'clock' | 'random'>;
  readonly events: EventSink<RegistryEvents>;
  /** Called when a breaker is in its place, and nothing has run through it. */
  breakerMade(operation: Operation, breaker: Breaker): void;
  /** Called when breakers have taken the place of a counter. */
  equipped(operation: Operation): void;
}

/** The site whose derived name an operation has. */
export interface Owner {
  readonly place: Place;
  /** What the compiler has of the name: that of the class or function. Undefined when the program said it. */
  readonly identifier: string | undefined;
}

/** One operation of a registry: its name, its options, and its breakers. */
export class Operation {
  breakers: BreakerGroup;
  /** How many sites share it. */
  sites = 0;
  /** Grows when a site that was evaluated again takes it over: what older sites said counts no more. */
  generation = 0;
  readonly places = new SitePlaces();
  /** The budget of its retries: of several wrappers that have one, that of the last to be compiled. */
  allowance: Allowance | undefined;
  /** The slots of its bulkheads; undefined while it has none. */
  bulkheads: ShownBulkheads | undefined;
  /** Whether it is in its registry still. */
  isLive = true;
  /** Undefined while it only counts. */
  #settings: BreakerSettings | undefined;
  #options: BreakerOptions | undefined;

  /**
   * @param owner - The site whose derived name this is; undefined for an explicit name, which many sites may share.
   * @param options - The breaker options of its sites; undefined while none brings a breaker: then it only counts.
   * @throws {@link ConfigurationError} when the defaults of the registry are wrong.
   */
  constructor(
    readonly name: string,
    public owner: Owner | undefined,
    options: BreakerOptions | undefined,
    private readonly host: OperationHost,
  ) {
    this.#options = options;
    this.#settings = options && this.#resolve(options);
    this.breakers = this.#group();
  }

  get options(): BreakerOptions | undefined {
    return this.#options;
  }

  get settings(): BreakerSettings | undefined {
    return this.#settings;
  }

  /** The settings of its one breaker, which may be configured by itself; of several, what they share. */
  get inForce(): BreakerSettings | undefined {
    return this.breaker?.settings ?? this.#settings;
  }

  /** The sources of {@link inForce}, the weakest first: for each option the last one that has it wins. */
  get sources(): readonly OptionSource[] {
    const local = this.breaker?.local;
    return [...this.#sources(this.#options ?? {}), ...(local === undefined ? [] : [{ source: 'configure(breaker)', options: local }])];
  }

  /** The one breaker; undefined when there is one per key or instance, or none. */
  get breaker(): Breaker | undefined {
    return this.breakers.single;
  }

  /** The one breaker, or what counts in its place. */
  get single(): Breaker | undefined {
    return isCounter(this.breakers) ? (this.breakers as unknown as Breaker) : this.breaker;
  }

  /** All breakers that there are now, or what counts in their place. */
  get all(): Breaker[] {
    return isCounter(this.breakers) ? [this.breakers as unknown as Breaker] : [...this.breakers];
  }

  /**
   * Lets a site share the operation.
   *
   * @throws {@link OperationConflictError} when the site's options disagree with those given before.
   */
  share(options: BreakerOptions | undefined, place: Place): void {
    const { places } = this;
    if (options !== undefined) {
      const differing = this.#differences(options, place);
      if (differing.length > 0) {
        if (!places.areOptionsOld) throw new OperationConflictError(this.name, places.disagreement(differing, place));
        if (__DEV__) warnOnce(this, 'BREAKER_BOX_EVALUATED_AGAIN', renewal(this.name, differing, place));
      }
      if (this.#options === undefined || places.areOptionsOld) this.adopt(options);
      places.areOptionsOld = false;
    }
    places.note(place, options !== undefined);
  }

  /** Whether options say what is in force already, wherever they are given: there is nothing to decide. */
  agreesWith(options: BreakerOptions): boolean {
    return this.#options !== undefined && !this.places.areOptionsOld && this.#differences(options).length === 0;
  }

  /** What a site gives otherwise; without a place, functions agree by identity only. */
  #differences(options: BreakerOptions, place?: Place): Difference[] {
    if (this.#options === undefined) return [];
    const [there, here] = [this.#bySites(this.#options).options, this.#bySites(options).options];
    const byIdentity = differences(there, here, false);
    return byIdentity.length > 0 && place !== undefined && this.places.isOneOf(place) ? differences(there, here, true) : byIdentity;
  }

  /**
   * Lets a site that was evaluated again take the operation over: its options are the newest, and what is under way is late.
   *
   * @throws {@link OperationConflictError} when they disagree with those of another site that was not; nothing has changed then.
   */
  takeOver(options: BreakerOptions | undefined, place: Place): void {
    if (!__DEV__) return;
    this.places.renew(place, () => {
      this.share(options, place);
    });
    this.generation++;
    for (const breaker of this.breakers) this.#equipment.beginGeneration(breaker);
  }

  /**
   * Takes over the options of its first site that has any.
   *
   * @throws {@link ConfigurationError} when the defaults of the registry are wrong; nothing has changed then.
   */
  adopt(options: BreakerOptions): void {
    const settings = this.#resolve(options);
    const isOther = this.#settings === undefined || kindOf(this.#settings) !== kindOf(settings);
    this.#options = options;
    if (isOther) this.#equip(settings);
    else this.#apply(settings, {});
  }

  /**
   * Takes over the entries of the registry.
   *
   * @param changed - Options that single breakers do not keep for themselves any more.
   */
  refresh(changed: BreakerOptions = {}): void {
    if (this.#settings !== undefined) this.#apply(this.#resolve(this.#options ?? {}), changed);
  }

  /** Has a breaker from now on, if it only counted; a site may bring other options. */
  ensureBreaker(): void {
    if (this.#settings === undefined) this.#equip(this.#resolve({}));
  }

  /** Begins anew: its breaker is reset; those of keys and instances are left to the calls that hold them. Overrides stay. */
  renew(): void {
    for (const breaker of this.all) breaker.reset();
    if (this.single === undefined) this.breakers = this.#group();
    this.bulkheads = undefined;
    this.expire();
  }

  /** Pipelines of it must be composed again. */
  expire(): void {
    version.current++;
  }

  /** A keyed operation's breaker of a key, made when it is not there; undefined when there is no room. */
  obtain(key: string): Breaker | undefined {
    return this.breakers.obtain?.(key);
  }

  #equip(settings: BreakerSettings): void {
    const { breakers: before } = this;
    this.#settings = settings;
    this.breakers = this.#group();
    if (isCounter(before) && this.breaker !== undefined) before.passOnTo(this.breaker);
    this.expire();
    this.host.equipped(this);
  }

  #apply(settings: BreakerSettings, changed: BreakerOptions): void {
    this.#settings = settings;
    this.breakers.reconfigured(settings);
    for (const breaker of this.breakers) this.#equipment.adopt(breaker, settings, changed);
  }

  /** The settings without the operator's, which are not compared. */
  #bySites(options: BreakerOptions): BreakerSettings {
    return this.#equipment.settings(this.#sources(options, false), this.name);
  }

  #resolve(options: BreakerOptions): BreakerSettings {
    return this.#equipment.settings(this.#sources(options), this.name);
  }

  /** The options that make its settings, the weakest first. */
  #sources(options: BreakerOptions, withAbove = true): OptionSource[] {
    const { below, above } = entriesFor(this.host.config, this.name);
    return [{ source: REGISTRY_ITSELF, options: this.host.injected }, ...below, { source: SITE, options }, ...(withAbove ? above : [])];
  }

  get #equipment(): Equipment {
    if (equipment.current === undefined) throw new Error('no policy has brought breakers');
    return equipment.current;
  }

  #group(): BreakerGroup {
    const { host, name } = this;
    if (this.#settings === undefined) return new Counter(name, host.events, host.injected.clock ?? systemClock);
    return this.#equipment.group(name, () => this.#settings!, host.events, (breaker) => {
      host.breakerMade(this, breaker);
    });
  }
}

/** The source of the options of a site. */
export const SITE = 'site';

/** The source of what a registry was given to inject. */
export const REGISTRY_ITSELF = 'registry';

function kindOf({ options }: BreakerSettings): 'single' | 'keyed' | 'instances' {
  if (options.key !== undefined) return 'keyed';
  return options.scope === 'instance' ? 'instances' : 'single';
}
