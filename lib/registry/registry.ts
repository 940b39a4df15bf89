import { ageClockOf } from '../core/age-clock';
import { systemClock, wallTime, type Clock } from '../core/clock';
import type { Emitter } from '../core/events';
import { ConfigurationError, OperationConflictError } from '../core/errors';
import { anything, list, optional, options, resolve, when } from '../core/check';
import { commonOptions, copyOptions, flag, REGISTRY, type RegistryRef } from '../core/options';
import { forgetStates } from '../core/policy-state';
import type { Random } from '../core/random';
import { asText } from '../core/thrown';
import { warn, warnOnce } from '../core/warn';
import { machineOf, type Breaker } from '../breaker/breaker';
import type { Machine } from '../breaker/machine';
import { checkBreakerOptions, checkLiveOptions, type BreakerOptions } from '../breaker/options';
import type { OverrideKind } from '../breaker/events';
import { toFleetAct, toOverride, type FleetAct, type FleetOverrideOptions, type Override, type OverrideOptions } from '../breaker/override';
import { readSnapshot, type BreakerSnapshot } from '../breaker/snapshot';
import { REGISTRY_EVENTS, type RegistryEvents } from './events';
import { defaultsSchema } from './layer';
import { MissingNames } from './missing-names';
import { Operation, REGISTRY_ITSELF, settingsWithin, type Surroundings } from './operation';
import { OperationTable } from './operation-table';
import { Patterns, matches } from './patterns';
import { Place } from './place';
import { PublishedEvents } from './published-events';
import type { Site } from './site';
import { registryWitness } from './witness';

export interface RegistryOptions {
  /** Breaker options beneath those of every site; not `name`, `key`, `stream`, `registry`, `allow` and `scope: 'instance'`. */
  defaults?: BreakerOptions | undefined;
  /** @defaultValue the system's clock */
  clock?: Clock | undefined;
  /**
   * Whether names that the program does not say (`Class.method`, a function's) mean the same in another build: whether snapshots and shared
   * stores take them. Numbered and anonymous ones they never take.
   *
   * @defaultValue unless a class or function has a name of one or two characters, as minifiers give
   */
  trustDerivedNames?: boolean | undefined;
  /** @defaultValue `Math.random` */
  random?: Random | undefined;
}

const registrySchema = options({
  defaults: optional(defaultsSchema),
  clock: commonOptions.clock,
  random: commonOptions.random,
  trustDerivedNames: optional(flag()),
});

const clearingSchema = options({ fleet: optional(flag(), false) });

/** Told of a breaker that processes can share. */
export type Sharer = (operation: Operation, machine: Machine) => void;

/** All breakers of a registry as plain JSON, versioned. */
export interface RegistrySnapshot {
  readonly version: 1;
  readonly breakers: readonly BreakerSnapshot[];
}

const registrySnapshotSchema = options({
  version: when<1>((input) => input === 1, __DEV__ && 'must be 1, the version that this breaker-box reads'),
  breakers: list(anything(), __DEV__ && 'must be a list of breaker snapshots'),
});

/** The box: operation name → breaker. Names are any strings. */
export class BreakerRegistry implements RegistryRef, Iterable<[string, Breaker]> {
  readonly [REGISTRY] = true as const;
  // Private, for Jest deletes the properties of everything on `globalThis` when a test file ends, and finalizers come later.
  readonly #table = new OperationTable({
    make: (name, owner, options) => this.#make(name, owner, options),
    entered: (operation) => {
      if (operation.breaker !== undefined) this.#made(operation, machineOf(operation.breaker));
      this.#missing.registered(operation.name);
      this.#claim(operation);
      this.#tell('register', operation.name);
    },
    left: (name) => {
      this.#tell('remove', name);
    },
  });
  readonly #events = new PublishedEvents(REGISTRY_EVENTS);
  readonly #injected: Pick<BreakerOptions, 'clock' | 'random'>;
  readonly #defaults: BreakerOptions;
  #patterns = new Patterns();
  #sharer: Sharer | undefined;
  readonly #made: Sharer = (operation, machine) => this.#sharer?.(operation, machine);
  /** Overrides of operations that have not registered yet. */
  readonly #laid = new Map<string, Override>();
  readonly #missing = new MissingNames(() => this.names());
  /** Snapshots of operations that have not registered yet. */
  readonly #unclaimed = new Map<string, BreakerSnapshot[]>();

  /** @throws {@link ConfigurationError} */
  constructor(given: RegistryOptions = {}) {
    resolve(registrySchema, given, 'new BreakerRegistry');
    const { defaults, clock, random, trustDerivedNames } = given;
    if (defaults !== undefined) checkBreakerOptions(defaults, 'new BreakerRegistry');
    this.#injected = { ...(clock && { clock }), ...(random && { random }) };
    this.#defaults = copyOptions(defaults ?? {});
    this.#table.trust.isTrusted = trustDerivedNames;
    registryWitness.made?.(this);
  }

  /** The breaker of an operation; undefined when there is none, or one per key or instance. */
  get(name: string): Breaker | undefined;
  /** The breaker of one key of an operation. */
  get(name: string, key: string): Breaker | undefined;
  get(name: string, key?: string): Breaker | undefined {
    const operation = this.#table.get(name);
    return key === undefined ? operation?.breaker : operation?.breakers.get(key);
  }

  /**
   * The breaker of a name, made when there is none. The first site of that name adopts it.
   *
   * @throws {@link ConfigurationError}
   * @throws {@link OperationConflictError} when `options` disagree with those of the breaker that is there, or when the operation has no single breaker.
   */
  getOrCreate(name: string, options?: BreakerOptions): Breaker {
    checkText('name', name, 'getOrCreate');
    if (options !== undefined) checkBreakerOptions(options, `getOrCreate('${name}')`);
    const many = options?.key !== undefined ? 'key' : options?.scope === 'instance' ? 'scope' : undefined;
    if (many !== undefined) {
      const message = 'a single breaker serves all calls: protect a function or method to have several';
      throw new ConfigurationError(`getOrCreate('${name}')`, [{ path: many, message, received: options?.[many] }], name);
    }
    const operation = this.#table.obtain(name, options && copyOptions(options), () => Place.of(this.getOrCreate));
    if (operation.breaker === undefined) throw new OperationConflictError(name, 'it has one breaker per key or instance');
    return operation.breaker;
  }

  /**
   * {@link RegistryOptions.trustDerivedNames}. Of the default registry, it is set before snapshots are taken; shared breakers follow it.
   *
   * @throws {@link ConfigurationError} when it is set to anything but a boolean or `undefined`.
   */
  get trustDerivedNames(): boolean | undefined {
    return this.#table.trust.isTrusted;
  }

  set trustDerivedNames(isTrusted: boolean | undefined) {
    this.#table.trust.isTrusted = resolve(registrySchema, { trustDerivedNames: isTrusted }, 'trustDerivedNames').trustDerivedNames;
  }

  /** Whether there is an operation of this name. */
  has(name: string): boolean {
    return this.#table.get(name) !== undefined;
  }

  /** Removes an operation. A site of it that is called again registers anew, with a fresh breaker. */
  delete(name: string): boolean {
    return this.#table.delete(name);
  }

  names(): string[] {
    return Array.from(this.#table, ({ name }) => name);
  }

  get size(): number {
    return this.names().length;
  }

  /** The live keys of an operation. */
  keys(name: string): string[] {
    return [...(this.#table.get(name)?.breakers.asMap().keys() ?? [])];
  }

  /** Name and breaker of each operation; of keyed and per-instance operations, the live ones. */
  *[Symbol.iterator](): Iterator<[string, Breaker]> {
    for (const { name, breakers } of this.#table) {
      for (const breaker of breakers) yield [name, breaker];
    }
  }

  /**
   * Closes breakers and clears their statistics: of one operation, or of all. Registrations stay.
   *
   * @returns How many breakers it reached. A name that no operation has, nor gets within ten seconds, is warned of.
   */
  reset(name?: string): number {
    return this.#reach('reset', name, (breaker) => {
      breaker.reset();
    });
  }

  /**
   * {@link Breaker.trip} for all breakers of an operation.
   *
   * @returns How many breakers it reached. A name that no operation has, nor gets within ten seconds, is warned of.
   */
  trip(name: string, reason?: string): number {
    return this.#reach('trip', name, (breaker) => {
      breaker.trip(reason);
    });
  }

  /**
   * `Breaker.forceOpen` for all breakers of an operation, also those of keys and instances to come, and of an operation that registers later.
   *
   * @returns How many breakers it reached now. A name that no operation has, nor gets within ten seconds, is warned of.
   */
  forceOpen(name: string, options: FleetOverrideOptions): Promise<number>;
  forceOpen(name: string, options?: OverrideOptions): number;
  forceOpen(name: string, options?: OverrideOptions): number | Promise<number> {
    return this.#lay('forceOpen', name, 'forced_open', options);
  }

  /** `Breaker.disable` for all breakers of an operation; as `forceOpen`. */
  disable(name: string, options: FleetOverrideOptions): Promise<number>;
  disable(name: string, options?: OverrideOptions): number;
  disable(name: string, options?: OverrideOptions): number | Promise<number> {
    return this.#lay('disable', name, 'disabled', options);
  }

  /** `Breaker.shadow` for all breakers of an operation; as `forceOpen`. */
  shadow(name: string, options: FleetOverrideOptions): Promise<number>;
  shadow(name: string, options?: OverrideOptions): number;
  shadow(name: string, options?: OverrideOptions): number | Promise<number> {
    return this.#lay('shadow', name, 'shadow', options);
  }

  /**
   * `Breaker.clearOverride` for all breakers of an operation, or of all operations.
   *
   * @returns How many breakers it reached. A name that no operation has, nor gets within ten seconds, is warned of.
   */
  clearOverride(name: string, options: { fleet: true }): Promise<number>;
  clearOverride(name?: string): number;
  clearOverride(name?: string, options?: { fleet?: boolean }): number | Promise<number> {
    if (options !== undefined && resolve(clearingSchema, options, `clearOverride of ${name}`).fleet) {
      return this.#carryOut(name ?? '', { kind: 'clear' });
    }
    const wasLaid = name !== undefined && this.#laid.delete(name);
    if (name === undefined) this.#laid.clear();
    const reached = this.#matching(name);
    // What was laid for an operation that is to come is no mistyped name.
    if (reached.length === 0 && name !== undefined && !wasLaid) this.#missing.note(name, 'clearOverride');
    for (const operation of reached) operation.lay(undefined);
    return reached.reduce((sum, { size }) => sum + size, 0);
  }

  /**
   * Changes breaker options of the operations whose names fit `pattern`, now and later. `*` stands for any characters.
   * Exact names win over patterns, later calls over earlier ones; all win over the options of sites.
   *
   * @throws {@link ConfigurationError} when the options are wrong, or do not go with a live operation's; then nothing has changed.
   */
  configure(pattern: string, options: BreakerOptions): void {
    checkText('pattern', pattern, 'configure');
    const subject = `configure('${pattern}')`;
    checkLiveOptions(options, subject);
    const patterns = this.#patterns.with(pattern, options);
    const commits: (() => void)[] = [];
    for (const operation of this.#table) {
      if (matches(pattern, operation.name)) {
        commits.push(operation.prepare(this.#surroundings(operation.name, patterns, operation.skipped), options));
      }
    }
    this.#patterns = patterns;
    for (const commit of commits) commit();
  }

  /**
   * The state of all breakers, as plain JSON. Those of instances are left out, and those whose name may mean another operation at the next start:
   * numbered, `anonymous`, or written by a minifier; see {@link RegistryOptions.trustDerivedNames}.
   */
  snapshot(): RegistrySnapshot {
    const breakers: BreakerSnapshot[] = [];
    for (const operation of this.#table) {
      const doubt = this.#table.trust.doubt(operation);
      if (doubt?.why !== undefined) {
        warnOnce(doubt.site, 'BREAKER_BOX_UNNAMED', `The operation '${operation.name}' is left out of snapshots, for ${doubt.why}`);
      }
      if (doubt !== undefined) continue;
      for (const breaker of operation.breakers.saved()) breakers.push(breaker.snapshot());
    }
    // What waits for its operation is as it was: each entry says when it was taken.
    for (const waiting of this.#unclaimed.values()) for (const one of waiting) breakers.push(one);
    return { version: 1, breakers };
  }

  /**
   * Takes up the states of a snapshot. Those of unknown operations are kept until they register. Of a keyed operation's,
   * as many as `maxKeys` has room for, by the rule that makes room for new keys: open ones stay, closed ones make way.
   *
   * @throws {@link ConfigurationError} when it is malformed or of a newer version, and changes nothing.
   */
  restore(snapshot: RegistrySnapshot): void {
    const { breakers } = resolve(registrySnapshotSchema, snapshot, 'restore of the registry');
    const byName = new Map<string, BreakerSnapshot[]>();
    breakers.forEach((one, index) => {
      const { name } = readSnapshot(one, `restore of the registry, breakers.${index}`);
      const saved = byName.get(name) ?? [];
      byName.set(name, saved);
      saved.push(one as BreakerSnapshot);
    });
    for (const [name, saved] of byName) {
      const operation = this.#table.get(name);
      if (operation === undefined) this.#unclaimed.set(name, saved);
      else if (this.#table.trust.doubt(operation) === undefined) for (const one of saved) restoreInto(operation, one);
    }
  }

  /**
   * An attempt that was under way before anybody listened to attempts was not timed: it is counted, and may emit nothing.
   *
   * @returns A function that removes the listener. A throw of the listener is contained.
   */
  on<E extends keyof RegistryEvents>(event: E, listener: (event: RegistryEvents[E]) => unknown): () => void {
    return this.#events.on(event, listener);
  }

  // For layers of options

  /** @internal What was configured. */
  get patterns(): Patterns {
    return this.#patterns;
  }

  /** @internal For who has prepared every operation for it. */
  set patterns(patterns: Patterns) {
    this.#patterns = patterns;
  }

  /** @internal Prepares an operation for other patterns; see `Operation.prepare`. */
  prepare(operation: Operation, patterns: Patterns, changed: BreakerOptions): () => void {
    return operation.prepare(this.#surroundings(operation.name, patterns, operation.skipped), changed);
  }

  // For who shares its breakers with other processes

  /** @internal Told of each breaker that is made; there is one at most. */
  get sharer(): Sharer | undefined {
    return this.#sharer;
  }

  /** @internal */
  set sharer(sharer: Sharer | undefined) {
    this.#sharer = sharer;
  }

  // For pipelines

  /** @internal */
  get table(): OperationTable {
    return this.#table;
  }

  /** @internal */
  get events(): Emitter<RegistryEvents> {
    return this.#events;
  }

  /** @internal */
  get injected(): Pick<BreakerOptions, 'clock' | 'random'> {
    return this.#injected;
  }

  // For tests

  /** @internal A registry with the same defaults, and what was configured; with its own time and chance. */
  fork(injected: Required<Pick<BreakerOptions, 'clock' | 'random'>>): BreakerRegistry {
    const fork = new BreakerRegistry({ defaults: this.#defaults, ...injected, trustDerivedNames: this.trustDerivedNames });
    fork.#patterns = this.#patterns;
    return fork;
  }

  /** @internal What was said of its operations up to now. @returns A function that brings it back: rules, overrides, and states that wait for their operation. */
  remember(): () => void {
    const patterns = this.#patterns;
    const laid = new Map(this.#laid);
    const waiting = new Set(this.#unclaimed.keys());
    const overrides = new Map(Array.from(this.#table, (operation) => [operation, operation.override]));
    return () => {
      for (const name of [...this.#unclaimed.keys()]) if (!waiting.has(name)) this.#unclaimed.delete(name);
      if (this.#patterns !== patterns) this.#follow(patterns);
      this.#laid.clear();
      for (const [name, override] of laid) this.#laid.set(name, override);
      for (const operation of this.#table) {
        const override = overrides.get(operation);
        if (operation.override !== override) operation.lay(override);
        // One that has come since had taken over what was laid for it before it was there.
        if (!overrides.has(operation)) this.#claim(operation);
      }
    };
  }

  /** @internal Begins anew: closed circuits, no statistics, and policies that remember nothing. Registrations, rules and overrides stay. */
  renew(): void {
    forgetStates(this);
    for (const operation of this.#table) operation.renew();
  }

  #follow(patterns: Patterns): void {
    this.#patterns = patterns;
    for (const operation of this.#table) operation.prepare(this.#surroundings(operation.name, patterns, operation.skipped), {})();
  }

  #make(name: string, owner: Site | undefined, options: BreakerOptions | undefined): Operation {
    return new Operation(name, owner, options, (given) =>
      this.#surroundings(name, this.#patterns, this.#unfitting(name, given)),
    );
  }

  /** What an operator configured before the options were there and does not go with them: it is skipped, rule by rule. */
  #unfitting(name: string, options: BreakerOptions | undefined): ReadonlySet<symbol> {
    const check = (skipped: ReadonlySet<symbol>): void => {
      settingsWithin(this.#surroundings(name, this.#patterns, skipped), options, name);
    };
    const rules = this.#patterns.rulesFor(name);
    if (rules.length === 0 || succeeds(check, NONE)) return NONE;
    const skipped = new Set(rules.map(({ origin }) => origin));
    check(skipped); // options that are wrong by themselves are no rule's fault
    for (const { origin } of rules) {
      skipped.delete(origin);
      try {
        check(skipped);
      } catch (error) {
        skipped.add(origin);
        warn('BREAKER_BOX_CONFIGURE', `What was configured for '${name}' does not go with its options and is skipped: ${asText(error)}`);
      }
    }
    return skipped;
  }

  get #clock(): Clock {
    return this.#injected.clock ?? systemClock;
  }

  /** Gives a new operation what was restored for it, and laid over it, before it was there. */
  #claim(operation: Operation): void {
    const saved = this.#unclaimed.get(operation.name) ?? [];
    this.#unclaimed.delete(operation.name);
    if (this.#table.trust.doubt(operation) === undefined) for (const one of saved) restoreInto(operation, one);
    const override = this.#laid.get(operation.name);
    this.#laid.delete(operation.name);
    if (override === undefined) return;
    // Laid by the registry's clock; the operation may have another.
    const leftMs = override.untilMs - ageClockOf(this.#clock).now();
    if (leftMs > 0) operation.lay({ ...override, untilMs: operation.settings.age.now() + leftMs });
  }

  #matching(name: string | undefined): Operation[] {
    if (name === undefined) return [...this.#table];
    const operation = this.#table.get(name);
    return operation === undefined ? [] : [operation];
  }

  #reach(call: string, name: string | undefined, act: (breaker: Breaker) => void): number {
    const operations = this.#matching(name);
    if (operations.length === 0 && name !== undefined) this.#missing.note(name, call);
    const breakers = operations.flatMap((operation) => [...operation.breakers]);
    for (const breaker of breakers) act(breaker);
    return breakers.length;
  }

  #lay(call: string, name: string, kind: OverrideKind, options: OverrideOptions | undefined): number | Promise<number> {
    const operation = this.table.get(name);
    const override = toOverride(kind, options, name, operation?.settings.age ?? ageClockOf(this.#clock));
    if (options?.fleet === true) return this.#carryOut(name, toFleetAct(kind, options, name));
    if (operation === undefined) {
      this.#laid.set(name, override);
      this.#missing.note(name, call);
      return 0;
    }
    operation.lay(override);
    return operation.size;
  }

  /** @throws {@link ConfigurationError} when there is no such operation, or it is not shared. */
  #carryOut(name: string, act: FleetAct): Promise<number> {
    const operation = this.table.get(name);
    if (operation !== undefined && this.#sharer !== undefined) return operation.carryOut(act);
    const message = 'goes with an operation that processes share: register it, and call shareBreakers(registry, store) first';
    throw new ConfigurationError(`${act.kind} of ${name}`, [{ path: 'fleet', message, received: true }], name);
  }

  #surroundings(name: string, patterns: Patterns, skipped: ReadonlySet<symbol>): Surroundings {
    const injected = { source: REGISTRY_ITSELF, options: this.#injected };
    return {
      beneath: [injected, { source: 'registry defaults', options: this.#defaults }, ...patterns.defaults],
      beneathCounting: [injected],
      above: patterns
        .rulesFor(name)
        .flatMap(({ origin, source, options }) => (skipped.has(origin) ? [] : [{ source, options }])),
      skipped,
      sink: this.#events,
      made: this.#made,
    };
  }

  #tell(type: 'register' | 'remove', operation: string): void {
    if (!this.#events.has(type)) return;
    this.#events.emit(type, { type, operation, at: wallTime(this.#clock) });
  }
}

const NONE: ReadonlySet<symbol> = new Set();

function succeeds<A>(check: (argument: A) => void, argument: A): boolean {
  try {
    check(argument);
    return true;
  } catch {
    return false;
  }
}

/** @throws {@link ConfigurationError} */
function checkText(what: string, given: unknown, subject: string): void {
  if (typeof given === 'string') return;
  throw new ConfigurationError(subject, [{ path: what, message: __DEV__ ? 'must be a string' : 'invalid', received: given }]);
}

/** Gives a saved state to the breaker it belongs to, by key where there are keys. */
function restoreInto(operation: Operation, saved: BreakerSnapshot): void {
  const breaker = saved.key === undefined ? operation.breaker : operation.obtain(saved.key);
  breaker?.restore(saved);
}
