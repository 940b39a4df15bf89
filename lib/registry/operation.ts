import { OperationConflictError } from '../core/errors';
import type { EventSink } from '../core/events';
import { Breaker, machineOf } from '../policies/circuit-breaker/breaker';
import { Machine } from '../policies/circuit-breaker/machine';
import { breakerSettings, type BreakerOptions, type BreakerSettings } from '../policies/circuit-breaker/options';
import type { Override } from '../policies/circuit-breaker/override';
import { agree } from '../core/agreement';
import type { BreakerGroup } from './breaker-group';
import type { RegistryEvents } from './events';
import { InstanceBreakers } from './instance-breakers';
import { KeyedBreakers } from './keyed-breakers';
import { SingleBreaker } from './single-breaker';

/** What surrounds an operation's own options: those beneath them, and the operator's above. */
export interface Surroundings {
  readonly beneath: readonly BreakerOptions[];
  /** As `beneath`, for an operation that only counts. */
  readonly beneathCounting: readonly BreakerOptions[];
  readonly above: readonly BreakerOptions[];
  readonly sink: EventSink<RegistryEvents>;
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
   * @throws {@link ConfigurationError} when the levels of options do not go together.
   */
  constructor(
    readonly name: string,
    public owner: object | undefined,
    options: BreakerOptions | undefined,
    surroundings: Surroundings,
    /** What the operator configured that does not go with its options. */
    readonly skipped: ReadonlySet<BreakerOptions>,
  ) {
    this.#options = options;
    this.#surroundings = surroundings;
    this.#settings = this.#resolve(options, surroundings);
    this.breakers = this.#group();
  }

  get options(): BreakerOptions | undefined {
    return this.#options;
  }

  get settings(): BreakerSettings {
    return this.#settings;
  }

  /** The one breaker; undefined when there is one per key or instance. */
  get breaker(): Breaker | undefined {
    return this.breakers instanceof SingleBreaker ? this.breakers.breaker : undefined;
  }

  /**
   * Lets another site share the operation.
   *
   * @throws {@link OperationConflictError} when the site's options disagree with those given before.
   */
  share(options: BreakerOptions | undefined): void {
    if (options === undefined) return;
    if (this.#options === undefined) {
      this.adopt(options);
      return;
    }
    const mine = this.#bySites(this.#options);
    const theirs = this.#bySites(options);
    const differing = Object.keys({ ...mine.options, ...theirs.options }).filter(
      (name) => !NOT_THE_BREAKERS.includes(name) && !agree(mine.options[name as never], theirs.options[name as never]),
    );
    if (differing.length > 0) {
      throw new OperationConflictError(this.name, `another site gave other values for ${differing.join(', ')}`);
    }
  }

  /** Takes over the options of its first site that has any. */
  adopt(options: BreakerOptions): void {
    const settings = this.#resolve(options, this.#surroundings);
    const isSameKind = kindOf(settings) === kindOf(this.#settings);
    this.#options = options;
    this.#apply(settings);
    if (isSameKind) return;
    this.breakers = this.#group();
    this.expire();
  }

  /** What was compiled against it must be compiled anew. */
  expire(): void {
    this.lease.valid = false;
    this.lease = { valid: true };
  }

  /**
   * Checks other surroundings.
   *
   * @returns A function that takes them over.
   * @throws {@link ConfigurationError} when they do not go with its options; nothing has changed then.
   */
  prepare(surroundings: Surroundings, changed: BreakerOptions): () => void {
    const settings = this.#resolve(this.#options, surroundings);
    const own = Array.from(this.breakers, (breaker) => machineOf(breaker)).flatMap((machine) => {
      const local = machine.local && without(machine.local, changed);
      if (local === undefined) return [];
      this.#withLocal(settings, local); // throws now what would throw later
      return [{ machine, local }];
    });
    return () => {
      this.#surroundings = surroundings;
      for (const { machine, local } of own) machine.local = local;
      this.#apply(settings);
    };
  }

  /** Lays an override over all its breakers, those to come included; undefined clears them. */
  lay(override: Override | undefined): void {
    this.#override = override;
    for (const breaker of this.breakers) {
      if (override !== undefined || breaker.override !== undefined) machineOf(breaker).setOverride(override);
    }
  }

  /** A keyed operation's breaker of a key, made when it is not there; undefined when there is no room. */
  obtain(key: string): Breaker | undefined {
    return this.breakers instanceof KeyedBreakers ? this.breakers.obtain(key) : undefined;
  }

  #apply(settings: BreakerSettings): void {
    this.#settings = settings;
    this.breakers.reconfigured(settings);
    for (const breaker of this.breakers) {
      const machine = machineOf(breaker);
      machine.configure(machine.local === undefined ? settings : this.#withLocal(settings, machine.local));
    }
  }

  #withLocal({ levels }: BreakerSettings, local: BreakerOptions): BreakerSettings {
    return breakerSettings([...levels, local], this.name);
  }

  #resolve(options: BreakerOptions | undefined, { beneath, beneathCounting, above }: Surroundings): BreakerSettings {
    const own = options ?? { failureThreshold: Infinity };
    return breakerSettings([...(options === undefined ? beneathCounting : beneath), own, ...above], this.name);
  }

  /** The settings without the operator's, which are not compared. */
  #bySites(options: BreakerOptions): BreakerSettings {
    return breakerSettings([...this.#surroundings.beneath, options], this.name);
  }

  #group(): BreakerGroup {
    const make = (key?: string): Breaker => {
      const machine = new Machine(this.name, key, this.#settings, this.#surroundings.sink);
      const override = this.#override;
      if (override !== undefined && machine.now() < override.untilMs) machine.setOverride(override);
      return new Breaker(undefined, machine);
    };
    switch (kindOf(this.#settings)) {
      case 'keyed':
        return new KeyedBreakers(this.name, this.#settings, make);
      case 'instances':
        return new InstanceBreakers(make);
      case 'single':
        return new SingleBreaker(make());
    }
  }
}

/** Options that say where a site is and what its function gives, not how the breaker behaves. */
const NOT_THE_BREAKERS: readonly string[] = ['name', 'registry', 'stream'];

function kindOf({ options }: BreakerSettings): 'single' | 'keyed' | 'instances' {
  if (options.key !== undefined) return 'keyed';
  return options.scope === 'instance' ? 'instances' : 'single';
}

/** A later word of the operator's replaces what was configured for the breaker alone. */
function without(local: BreakerOptions, changed: BreakerOptions): BreakerOptions {
  return Object.fromEntries(Object.entries(local).filter(([name]) => !(name in changed)));
}
