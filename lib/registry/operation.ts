import { circumstances } from '../core/circumstances';
import { ConfigurationError, OperationConflictError } from '../core/errors';
import type { EventSink } from '../core/events';
import type { Allowance, ShownBulkheads } from '../core/policy';
import { warnOnce } from '../core/warn';
import { Breaker } from '../breaker/breaker';
import { breakerSettings, type BreakerOptions, type BreakerSettings } from '../breaker/options';
import { carryOut, setOverride, type FleetAct } from '../breaker/override';
import type { Override } from '../breaker/states';
import type { BreakerGroup } from './breaker-group';
import type { RegistryEvents } from './events';
import { InstanceBreakers } from './instance-breakers';
import { KeyedBreakers } from './keyed-breakers';
import type { Place } from './place';
import { SingleBreaker } from './single-breaker';
import { differences, renewal, SitePlaces, type Difference } from './site-places';

/** Options, and where they were said. */
export interface Level {
  readonly source: string;
  readonly options: BreakerOptions;
}

/** Options around an operation's own: defaults below, `registry.configure` above. */
export interface Surroundings {
  readonly beneath: readonly Level[];
  /** As `beneath`, for an operation that only counts. */
  readonly beneathCounting: readonly Level[];
  readonly above: readonly Level[];
  /** The operator's rules that do not go with the operation's options. */
  readonly skipped: ReadonlySet<symbol>;
  readonly sink: EventSink<RegistryEvents>;
  /** Told of each breaker that other processes can have as well: it is in its place, and nothing has run through it. */
  readonly made?: (operation: Operation, breaker: Breaker) => void;
}

/** The site whose derived name an operation has. */
export interface Owner {
  readonly place: Place;
  /** What the compiler has of the name: that of the class or function. Undefined when the program said it. */
  readonly identifier: string | undefined;
}

/** Valid as long as what was compiled against an operation still fits it. */
export interface Lease {
  valid: boolean;
}

/** One operation of a registry: its name, its options, and its breakers. */
export class Operation {
  breakers: BreakerGroup;
  lease: Lease = { valid: true };
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
  /** What an operator laid over all its breakers, those to come included. */
  #override: Override | undefined;
  #settings: BreakerSettings;
  #surroundings: Surroundings;
  #options: BreakerOptions | undefined;

  /**
   * @param owner - The site whose derived name this is; undefined for an explicit name, which many sites may share.
   * @param options - What its sites say about the breaker; undefined while none says anything: then it counts and never opens.
   * @param surround - Finds what surrounds given options.
   * @throws {@link ConfigurationError} when the levels of options do not go together.
   */
  constructor(
    readonly name: string,
    public owner: Owner | undefined,
    options: BreakerOptions | undefined,
    private readonly surround: (options: BreakerOptions | undefined) => Surroundings,
  ) {
    this.#options = options;
    this.#surroundings = surround(options);
    this.#settings = settingsWithin(this.#surroundings, options, name);
    this.breakers = this.#group();
  }

  get options(): BreakerOptions | undefined {
    return this.#options;
  }

  get settings(): BreakerSettings {
    return this.#settings;
  }

  /** The operator's rules that did not go with its options when it came. */
  get skipped(): ReadonlySet<symbol> {
    return this.#surroundings.skipped;
  }

  /** The settings of its one breaker, which may be configured by itself; of several, what they share. */
  get inForce(): BreakerSettings {
    return this.breaker === undefined ? this.#settings : this.breaker.settings;
  }

  /** The levels of {@link inForce}, the weakest first: for each option the last that says it counts. */
  get levels(): readonly Level[] {
    const { beneath, above } = this.#surroundings;
    const local = this.breaker?.local;
    return [
      ...beneath,
      { source: SITE, options: this.#options ?? {} },
      ...above,
      ...(local === undefined ? [] : [{ source: 'breaker.configure', options: local }]),
    ];
  }

  /** The one breaker; undefined when there is one per key or instance. */
  get breaker(): Breaker | undefined {
    return this.breakers instanceof SingleBreaker ? this.breakers.breaker : undefined;
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
        warnOnce(this, 'BREAKER_BOX_EVALUATED_AGAIN', renewal(this.name, differing, place));
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
    this.places.renew(place, () => {
      this.share(options, place);
    });
    this.generation++;
    for (const breaker of this.breakers) breaker.beginGeneration();
  }

  /**
   * Takes over the options of its first site that has any.
   *
   * @throws {@link ConfigurationError} when they do not go with what surrounds them, or with what was configured for a breaker; nothing has changed then.
   */
  adopt(options: BreakerOptions): void {
    const kind = kindOf(this.#settings);
    this.#prepare(options, this.surround(options), {})();
    if (kindOf(this.#settings) === kind) return;
    this.breakers = this.#group();
    this.expire();
  }

  /** Begins anew: its breaker is reset; those of keys and instances are left to the calls that hold them. Overrides stay. */
  renew(): void {
    for (const breaker of this.breakers) breaker.reset();
    if (this.breaker === undefined) this.breakers = this.#group();
    this.bulkheads = undefined;
    this.expire();
  }

  /** What was compiled against it must be compiled anew. */
  expire(): void {
    this.lease.valid = false;
    this.lease = { valid: true };
    circumstances.changes++;
  }

  /**
   * Checks other surroundings.
   *
   * @returns A function that takes them over.
   * @throws {@link ConfigurationError} when they do not go with its options; nothing has changed then.
   */
  prepare(surroundings: Surroundings, changed: BreakerOptions): () => void {
    return this.#prepare(this.#options, surroundings, changed);
  }

  /** What lies over all its breakers. */
  get override(): Override | undefined {
    return this.#override;
  }

  /**
   * Takes over what surrounds it now that something was taken away.
   *
   * @throws {@link ConfigurationError} when its options do not go with what is left; nothing has changed then.
   */
  surroundAnew(): void {
    this.#prepare(this.#options, this.surround(this.#options), {})();
  }

  /** Lays an override over all its breakers, those to come included; undefined clears them. */
  lay(override: Override | undefined): void {
    this.#override = override;
    for (const breaker of this.breakers) {
      if (override !== undefined || breaker.override !== undefined) setOverride(breaker, override);
    }
  }

  /** How many breakers it has now. */
  get size(): number {
    return Array.from(this.breakers).length;
  }

  /** Carries out an operator's act on all its breakers, in all processes that share them. */
  async carryOut(act: FleetAct): Promise<number> {
    const breakers = Array.from(this.breakers);
    if (breakers.length === 0) {
      const message = 'reaches the breakers of keys that this process has, and it has none yet; `breaker-box fleet open --key` reaches any';
      throw new ConfigurationError(`${act.kind} of ${this.name}`, [{ path: 'fleet', message, received: true }], this.name);
    }
    await Promise.all(breakers.map((breaker) => carryOut(breaker, act)));
    return breakers.length;
  }

  /** A keyed operation's breaker of a key, made when it is not there; undefined when there is no room. */
  obtain(key: string): Breaker | undefined {
    return this.breakers instanceof KeyedBreakers ? this.breakers.obtain(key) : undefined;
  }

  /** Resolves all there is to resolve, so that what it returns cannot throw any more. */
  #prepare(options: BreakerOptions | undefined, surroundings: Surroundings, changed: BreakerOptions): () => void {
    const settings = settingsWithin(surroundings, options, this.name);
    const changes = Array.from(this.breakers, (breaker) => {
      const local = breaker.local && without(breaker.local, changed);
      return { breaker, local, own: local === undefined ? settings : breakerSettings([...settings.levels, local], this.name) };
    });
    return () => {
      this.#options = options;
      this.#surroundings = surroundings;
      this.#settings = settings;
      this.breakers.reconfigured(settings);
      for (const { breaker, local, own } of changes) {
        breaker.local = local;
        breaker.adopt(own);
      }
    };
  }

  /** The settings without the operator's, which are not compared. */
  #bySites(options: BreakerOptions): BreakerSettings {
    return breakerSettings([...optionsOf(this.#surroundings.beneath), options], this.name);
  }

  #group(): BreakerGroup {
    const make = (key?: string): Breaker =>
      new Breaker(undefined, { name: this.name, key, settings: this.#settings, sink: this.#surroundings.sink });
    // Only then, for a listener of the override may call the operation, which must find the breaker.
    const made = (breaker: Breaker): void => {
      const override = this.#override;
      if (breaker.key !== undefined) this.#surroundings.made?.(this, breaker);
      if (override !== undefined && breaker.ageNow() < override.untilMs) setOverride(breaker, override);
    };
    switch (kindOf(this.#settings)) {
      case 'keyed':
        return new KeyedBreakers(this.name, this.#settings, make, made);
      case 'instances':
        return new InstanceBreakers(make, made);
      case 'single':
        return new SingleBreaker(make());
    }
  }
}

/** The source of what was said where a function is protected. */
export const SITE = 'site';

/** The source of what a registry was given to inject. */
export const REGISTRY_ITSELF = 'registry';

function kindOf({ options }: BreakerSettings): 'single' | 'keyed' | 'instances' {
  if (options.key !== undefined) return 'keyed';
  return options.scope === 'instance' ? 'instances' : 'single';
}

/**
 * The settings of an operation: its own options, and those that surround them.
 *
 * @throws {@link ConfigurationError}
 */
export function settingsWithin(
  { beneath, beneathCounting, above }: Surroundings,
  options: BreakerOptions | undefined,
  name: string,
): BreakerSettings {
  const own = options ?? { failureThreshold: Infinity };
  return breakerSettings([...optionsOf(options === undefined ? beneathCounting : beneath), own, ...optionsOf(above)], name);
}

function optionsOf(levels: readonly Level[]): BreakerOptions[] {
  return levels.map(({ options }) => options);
}

/** A later word of the operator's replaces what was configured for the breaker alone. */
function without(local: BreakerOptions, changed: BreakerOptions): BreakerOptions {
  return Object.fromEntries(Object.entries(local).filter(([name]) => !(name in changed)));
}
