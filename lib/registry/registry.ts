import * as v from 'valibot';
import { systemClock, wallTime, type Clock } from '../core/clock';
import { Emitter } from '../core/events';
import { ConfigurationError, OperationConflictError } from '../core/errors';
import { commonOptions, copyOptions, options, REGISTRY, resolve, type RegistryRef } from '../core/options';
import type { Random } from '../core/random';
import { warn, warnOnce } from '../core/warn';
import type { Breaker } from '../policies/circuit-breaker/breaker';
import { checkBreakerOptions, checkLiveOptions, levelSchema, type BreakerOptions } from '../policies/circuit-breaker/options';
import type { OverrideKind } from '../policies/circuit-breaker/events';
import { toOverride, type OverrideOptions } from '../policies/circuit-breaker/override';
import { readSnapshot, type BreakerSnapshot } from '../policies/circuit-breaker/snapshot';
import { HOT_EVENTS, type RegistryEvents } from './events';
import { DerivedNames, isNumbered } from './names';
import { Operation, type Surroundings } from './operation';
import { Patterns, matches } from './patterns';
import type { Site } from './site';

export interface RegistryOptions {
  /** Breaker options beneath those of every site. */
  defaults?: BreakerOptions | undefined;
  /** @defaultValue the system's clock */
  clock?: Clock | undefined;
  /** @defaultValue `Math.random` */
  random?: Random | undefined;
}

const registrySchema = options({
  defaults: v.optional(levelSchema),
  clock: commonOptions.clock,
  random: commonOptions.random,
});

/** All breakers of a registry as plain JSON, versioned. */
export interface RegistrySnapshot {
  readonly version: 1;
  readonly breakers: readonly BreakerSnapshot[];
}

const registrySnapshotSchema = options({
  version: v.custom<1>((input) => input === 1, 'must be 1, the version that this breaker-box reads'),
  breakers: v.array(v.unknown(), 'must be a list of breaker snapshots'),
});

/** Derived names leave with their operation, which only its wrapper holds; explicit names stay. */
type Held = Operation | WeakRef<Operation>;

/** The box: operation name → breaker. Names are any strings. */
export class BreakerRegistry implements RegistryRef, Iterable<[string, Breaker]> {
  readonly [REGISTRY] = true as const;
  readonly #operations = new Map<string, Held>();
  readonly #derived = new DerivedNames((name) => this.#find(name) !== undefined);
  readonly #collected = new FinalizationRegistry<{ name: string; base: string; held: Held }>((gone) => {
    this.#leave(gone.name, gone.base, gone.held);
  });
  /** Sites whose name is not known yet; looked at again whenever somebody asks. */
  readonly #pending = new Set<WeakRef<Site>>();
  readonly #pendingRefs = new WeakMap<Site, WeakRef<Site>>();
  readonly #lost = new FinalizationRegistry<WeakRef<Site>>((ref) => this.#pending.delete(ref));
  /** Operations that no site has adopted yet. */
  readonly #unowned = new WeakSet<Operation>();
  /** The base of each derived name. */
  readonly #baseOf = new WeakMap<Operation, string>();
  readonly #events = new Emitter<RegistryEvents>(HOT_EVENTS);
  readonly #defaults: readonly BreakerOptions[];
  readonly #injected: readonly BreakerOptions[];
  readonly #clock: Clock;
  #patterns = new Patterns();
  /** Snapshots of operations that have not registered yet. */
  readonly #unclaimed = new Map<string, BreakerSnapshot[]>();

  /** @throws {@link ConfigurationError} */
  constructor(given: RegistryOptions = {}) {
    resolve(registrySchema, given, 'new BreakerRegistry');
    const { defaults, clock, random } = given;
    if (defaults !== undefined) checkBreakerOptions(defaults, 'new BreakerRegistry');
    const inject: BreakerOptions = { ...(clock && { clock }), ...(random && { random }) };
    this.#injected = [inject];
    this.#defaults = [inject, copyOptions(defaults ?? {})];
    this.#clock = clock ?? systemClock;
  }

  /** The breaker of an operation; undefined when there is none, or one per key or instance. */
  get(name: string): Breaker | undefined;
  /** The breaker of one key of an operation. */
  get(name: string, key: string): Breaker | undefined;
  get(name: string, key?: string): Breaker | undefined {
    const operation = this.#lookUp(name);
    return key === undefined ? operation?.breaker : operation?.breakers.asMap().get(key);
  }

  /**
   * The breaker of a name, made when there is none. The first site of that name adopts it.
   *
   * @throws {@link ConfigurationError}
   * @throws {@link OperationConflictError} when `options` disagree with those of the breaker that is there, or when the operation has no single breaker.
   */
  getOrCreate(name: string, options?: BreakerOptions): Breaker {
    if (options !== undefined) checkBreakerOptions(options, `getOrCreate('${name}')`);
    const many = options?.key !== undefined ? 'key' : options?.scope === 'instance' ? 'scope' : undefined;
    if (many !== undefined) {
      const message = 'a single breaker serves all calls: protect a function or method to have several';
      throw new ConfigurationError(`getOrCreate('${name}')`, [{ path: many, message, received: options?.[many] }], name);
    }
    let operation = this.#lookUp(name);
    if (operation === undefined) {
      operation = this.#add(name, undefined, copyOptions(options ?? {}), name);
      this.#unowned.add(operation);
    } else {
      operation.share(options);
    }
    if (operation.breaker === undefined) throw new OperationConflictError(name, 'it has one breaker per key or instance');
    return operation.breaker;
  }

  /** Whether there is an operation of this name. */
  has(name: string): boolean {
    return this.#lookUp(name) !== undefined;
  }

  /** Removes an operation. A site of it that is called again registers anew, with a fresh breaker. */
  delete(name: string): boolean {
    const held = this.#operations.get(name);
    const operation = this.#lookUp(name);
    if (held === undefined || operation === undefined) return false;
    this.#collected.unregister(operation);
    this.#leave(name, this.#baseOf.get(operation) ?? name, held);
    operation.isLive = false;
    operation.expire();
    return true;
  }

  names(): string[] {
    return Array.from(this.#all(), ({ name }) => name);
  }

  get size(): number {
    return this.names().length;
  }

  /** The live keys of an operation. */
  keys(name: string): string[] {
    return [...(this.#lookUp(name)?.breakers.asMap().keys() ?? [])];
  }

  /** Name and breaker of each operation; of keyed and per-instance operations, the live ones. */
  *[Symbol.iterator](): Iterator<[string, Breaker]> {
    for (const { name, breakers } of this.#all()) {
      for (const breaker of breakers) yield [name, breaker];
    }
  }

  /** Closes breakers and clears their statistics: of one operation, or of all. Registrations stay. */
  reset(name?: string): void {
    for (const { breakers } of this.#matching(name)) {
      for (const breaker of breakers) breaker.reset();
    }
  }

  /** {@link Breaker.trip} for all breakers of an operation. */
  trip(name: string, reason?: string): void {
    for (const { breakers } of this.#matching(name)) {
      for (const breaker of breakers) breaker.trip(reason);
    }
  }

  /** {@link Breaker.forceOpen} for all breakers of an operation, also those of keys and instances to come. */
  forceOpen(name: string, options?: OverrideOptions): void {
    this.#lay(name, 'forced_open', options);
  }

  /** {@link Breaker.disable} for all breakers of an operation, also those of keys and instances to come. */
  disable(name: string, options?: OverrideOptions): void {
    this.#lay(name, 'disabled', options);
  }

  /** {@link Breaker.shadow} for all breakers of an operation, also those of keys and instances to come. */
  shadow(name: string, options?: OverrideOptions): void {
    this.#lay(name, 'shadow', options);
  }

  /** {@link Breaker.clearOverride} for all breakers of an operation, or of all operations. */
  clearOverride(name?: string): void {
    for (const operation of this.#matching(name)) operation.lay(undefined);
  }

  /**
   * Changes breaker options of the operations whose names fit `pattern`, now and later. `*` stands for any characters.
   * Exact names win over patterns, later calls over earlier ones; all win over the options of sites.
   *
   * @throws {@link ConfigurationError} when the options are wrong, or do not go with a live operation's; then nothing has changed.
   */
  configure(pattern: string, options: BreakerOptions): void {
    const subject = `configure('${pattern}')`;
    checkLiveOptions(options, subject);
    const patterns = this.#patterns.with(pattern, options);
    const commits: (() => void)[] = [];
    for (const operation of this.#all()) {
      if (matches(pattern, operation.name)) {
        commits.push(operation.prepare(this.#surroundings(operation.name, patterns), options));
      }
    }
    this.#patterns = patterns;
    for (const commit of commits) commit();
  }

  /** The state of all breakers, as plain JSON. Those of instances, and of numbered names, which may mean another operation at the next start, are left out. */
  snapshot(): RegistrySnapshot {
    const breakers: BreakerSnapshot[] = [];
    for (const operation of this.#all()) {
      if (operation.owner !== undefined && isNumbered(operation.name)) {
        const message = `The operation '${operation.name}' is left out of snapshots, because its number may mean another operation at the next start; give it a name`;
        warnOnce(operation.owner, 'BREAKER_BOX_UNNAMED', message);
        continue;
      }
      for (const breaker of operation.breakers.saved()) breakers.push(breaker.snapshot());
    }
    return { version: 1, breakers };
  }

  /**
   * Takes up the states of a snapshot. Those of unknown operations are kept until they register.
   *
   * @throws {@link ConfigurationError} when it is malformed or of a newer version, and changes nothing.
   */
  restore(snapshot: RegistrySnapshot): void {
    const { breakers } = resolve(registrySnapshotSchema, snapshot, 'restore of the registry');
    const byName = new Map<string, BreakerSnapshot[]>();
    breakers.forEach((one, index) => {
      const { name } = readSnapshot(one, `restore of the registry, breakers.${index}`);
      byName.set(name, [...(byName.get(name) ?? []), one as BreakerSnapshot]);
    });
    for (const [name, saved] of byName) {
      const operation = this.#lookUp(name);
      if (operation === undefined) this.#unclaimed.set(name, saved);
      else for (const one of saved) restoreInto(operation, one);
    }
  }

  /** @returns A function that removes the listener. A throw of the listener is contained. */
  on<E extends keyof RegistryEvents>(event: E, listener: (event: RegistryEvents[E]) => unknown): () => void {
    return this.#events.on(event, listener);
  }

  // For pipelines

  /** @internal */
  get events(): Emitter<RegistryEvents> {
    return this.#events;
  }

  /** @internal */
  get injected(): Pick<BreakerOptions, 'clock' | 'random'> {
    return this.#injected[0] ?? {};
  }

  /**
   * The operation of a site, registered when it is new. Undefined while its name cannot be known.
   *
   * @internal
   * @throws {@link OperationConflictError}
   */
  enter(site: Site): Operation | undefined {
    const known = site.operations.get(this);
    if (known?.isLive === true) {
      known.share(site.breakerOptions);
      return known;
    }
    const name = site.baseName;
    if (name === undefined) return undefined;
    const operation = site.name.kind === 'explicit' ? this.#enterExplicit(site, name) : this.#enterDerived(site, name);
    site.operations.set(this, operation);
    operation.sites++;
    return operation;
  }

  /** Takes a site's registration back: of an operation that no other site shares, the whole. @internal */
  withdraw(site: Site): void {
    const ref = this.#pendingRefs.get(site);
    if (ref !== undefined) this.#pending.delete(ref);
    const operation = site.operations.get(this);
    site.operations.delete(this);
    if (operation?.isLive !== true) return;
    operation.sites--;
    if (operation.sites === 0) this.delete(operation.name);
  }

  /** Registers a site as soon as its name can be known, at the latest when somebody looks. @internal */
  expect(site: Site): void {
    const ref = new WeakRef(site);
    this.#pending.add(ref);
    this.#pendingRefs.set(site, ref);
    this.#lost.register(site, ref);
  }

  #enterExplicit(site: Site, name: string): Operation {
    site.resolvedName = name;
    const operation = this.#find(name);
    if (operation === undefined) return this.#add(name, undefined, site.breakerOptions, name);
    if (operation.owner !== undefined && operation.owner !== site) {
      throw new OperationConflictError(name, 'another site has it as a derived name');
    }
    this.#adoptOrShare(operation, site.breakerOptions);
    return operation;
  }

  #enterDerived(site: Site, base: string): Operation {
    const operation = this.#find(base);
    if (operation !== undefined && this.#unowned.has(operation)) {
      this.#adoptOrShare(operation, site.breakerOptions);
      operation.owner = site;
      site.resolvedName ??= base;
      return operation;
    }
    const name = this.#derived.claim(base);
    site.resolvedName ??= name;
    return this.#add(name, site, site.breakerOptions, base);
  }

  #adoptOrShare(operation: Operation, options: BreakerOptions | undefined): void {
    if (this.#unowned.delete(operation) && options !== undefined) operation.adopt(options);
    else operation.share(options);
  }

  #add(name: string, owner: Site | undefined, options: BreakerOptions | undefined, base: string): Operation {
    const operation = this.#make(name, owner, options);
    const held = owner === undefined ? operation : new WeakRef(operation);
    this.#operations.set(name, held);
    this.#baseOf.set(operation, base);
    if (owner !== undefined) this.#collected.register(operation, { name, base, held }, operation);
    for (const saved of this.#unclaimed.get(name) ?? []) restoreInto(operation, saved);
    this.#unclaimed.delete(name);
    this.#tell('register', name);
    return operation;
  }

  /** What an operator configured before the operation was there is skipped when it does not go with the site's options. */
  #make(name: string, owner: Site | undefined, options: BreakerOptions | undefined): Operation {
    try {
      return new Operation(name, owner, options, this.#surroundings(name, this.#patterns));
    } catch (error) {
      const operation = new Operation(name, owner, options, this.#surroundings(name, new Patterns()));
      warn('BREAKER_BOX_CONFIGURE', `What was configured for '${name}' does not go with its options and is skipped: ${String(error)}`);
      return operation;
    }
  }

  #leave(name: string, base: string, held: Held): void {
    if (held instanceof WeakRef) this.#derived.release(base);
    // Another site may have taken the name before the finalizer ran.
    if (this.#operations.get(name) !== held) return;
    this.#operations.delete(name);
    this.#tell('remove', name);
  }

  #find(name: string): Operation | undefined {
    const held = this.#operations.get(name);
    return held instanceof WeakRef ? held.deref() : held;
  }

  #lookUp(name: string): Operation | undefined {
    this.#enterPending();
    return this.#find(name);
  }

  *#all(): Iterable<Operation> {
    this.#enterPending();
    for (const name of [...this.#operations.keys()]) {
      const operation = this.#find(name);
      if (operation !== undefined) yield operation;
    }
  }

  #enterPending(): void {
    for (const ref of [...this.#pending]) {
      const site = ref.deref();
      if (site !== undefined && site.baseName === undefined) continue;
      this.#pending.delete(ref);
      if (site !== undefined && site.resolvedName === undefined) this.enter(site);
    }
  }

  *#matching(name: string | undefined): Iterable<Operation> {
    for (const operation of this.#all()) {
      if (name === undefined || operation.name === name) yield operation;
    }
  }

  #lay(name: string, kind: OverrideKind, options: OverrideOptions | undefined): void {
    for (const operation of this.#matching(name)) {
      operation.lay(toOverride(kind, options, name, operation.settings.clock));
    }
  }

  #surroundings(name: string, patterns: Patterns): Surroundings {
    return {
      beneath: this.#defaults,
      beneathCounting: this.#injected,
      above: patterns.levelsFor(name),
      sink: this.#events,
    };
  }

  #tell(type: 'register' | 'remove', operation: string): void {
    if (!this.#events.has(type)) return;
    this.#events.emit(type, { type, operation, at: wallTime(this.#clock) });
  }
}

/** Gives a saved state to the breaker it belongs to, by key where there are keys. */
function restoreInto(operation: Operation, saved: BreakerSnapshot): void {
  const breaker = saved.key === undefined ? operation.breaker : operation.obtain(saved.key);
  breaker?.restore(saved);
}
