import { systemClock, wallTime, type Clock } from '../core/clock';
import { isRecord, optional, options, resolve, when } from '../core/check';
import { hooks } from '../core/hooks';
import { Observers, type Observer } from '../core/observers';
import { commonOptions, flag, REGISTRY } from '../core/options';
import type { PolicyHome } from '../core/policy';
import type { Random } from '../core/random';
import type { Breaker } from '../breaker/breaker';
import type { ReadyOptions } from '../breaker/ready';
import type { BreakerOptions } from '../breaker/options';
import { REGISTRY_EVENTS, type RegistryEvents } from './events';
import type { FleetReading } from './fleet-reading';
import { defaultsEntry, type ConfigList } from './config';
import { MissingNames } from './missing-names';
import type { Counter } from './counter';
import type { Operation } from './operation';
import { OperationTable } from './operation-table';
import { PublishedEvents } from './published-events';

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

const registrySchema = /* @__PURE__ */ options({
  defaults: optional(when<BreakerOptions>(isRecord, __DEV__ && 'must be an object of breaker options')),
  clock: commonOptions.clock,
  random: commonOptions.random,
  trustDerivedNames: optional(flag()),
});

/** Called of what happens to the operations of a registry. */
export interface RegistryObserver extends Observer<RegistryEvents> {
  /** A breaker is in its place, and nothing has run through it. */
  breakerMade?(operation: Operation, breaker: Breaker): void;
  /** An operation is in the registry, before the listeners of `register`; or breakers have taken the place of its counter. */
  registered?(operation: Operation): void;
  /** Derived names that were trusted are not any more, or are again. */
  trustChanged?(): void;
}

/** The box: operation name → breaker. Names are any strings. */
export class BreakerRegistry implements PolicyHome, Iterable<[string, Breaker | Counter]> {
  readonly [REGISTRY] = true as const;
  // Private, for Jest deletes the properties of everything on `globalThis` when a test file ends, and finalizers come later.
  readonly #table = new OperationTable(this);
  readonly #events = __NODE__ ? new PublishedEvents(REGISTRY_EVENTS) : new Observers<RegistryEvents, RegistryObserver>(REGISTRY_EVENTS);
  readonly #injected: Pick<BreakerOptions, 'clock' | 'random'>;
  readonly #missing = __DEV__ ? new MissingNames(() => this.names()) : undefined;
  #isTrusted: boolean | undefined;

  /** @throws {@link ConfigurationError} */
  constructor(given: RegistryOptions = {}) {
    resolve(registrySchema, given, 'new BreakerRegistry');
    const { defaults, clock, random, trustDerivedNames } = given;
    this.#injected = { clock, random };
    this.config = defaults === undefined ? [] : [defaultsEntry(defaults, 'registry defaults', { unchecked: defaults })];
    this.#isTrusted = trustDerivedNames;
    hooks.registryMade?.(this);
  }

  /** The breaker of an operation, or the counter in its place when no policy brings one; undefined when there is neither, or one breaker per key or instance. */
  get(name: string): Breaker | Counter | undefined;
  /** The breaker of one key of an operation. */
  get(name: string, key: string): Breaker | undefined;
  get(name: string, key?: string): Breaker | Counter | undefined {
    const operation = this.#table.get(name);
    return key === undefined ? operation?.single : operation?.group.find?.(key);
  }

  /**
   * {@link RegistryOptions.trustDerivedNames}. Of the default registry, it is set before snapshots are taken; shared breakers follow it.
   *
   * @throws {@link ConfigurationError} when it is set to anything but a boolean or `undefined`.
   */
  get trustDerivedNames(): boolean | undefined {
    return this.#isTrusted;
  }

  set trustDerivedNames(isTrusted: boolean | undefined) {
    resolve(registrySchema, { trustDerivedNames: isTrusted }, 'trustDerivedNames');
    this.#isTrusted = isTrusted;
    for (const observer of this.observers) observer.trustChanged?.();
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
    return [...(this.#table.get(name)?.keyed.keys() ?? [])];
  }

  /** Name and breaker of each operation; of keyed and per-instance operations, the live ones. */
  *[Symbol.iterator](): Iterator<[string, Breaker | Counter]> {
    for (const { name, all } of this.#table) {
      for (const breaker of all) yield [name, breaker];
    }
  }

  /**
   * Closes breakers and clears their statistics: of one operation, or of all. Registrations stay.
   *
   * @returns How many breakers it reached. A name that no operation has, nor gets within ten seconds, is warned of.
   */
  reset(name?: string): number {
    const breakers = this.#breakersOf('reset', name);
    for (const breaker of breakers) breaker.reset();
    return breakers.length;
  }

  /**
   * {@link Breaker.trip} for all breakers of an operation.
   *
   * @returns How many breakers it reached. A name that no operation has, nor gets within ten seconds, is warned of.
   */
  trip(name: string, reason?: string): number {
    const breakers = this.#breakersOf('trip', name);
    for (const breaker of breakers) breaker.trip(reason);
    return breakers.length;
  }

  /**
   * An attempt that was under way before anybody listened to attempts was not timed: it is counted, and may emit nothing.
   *
   * @returns A function that removes the listener. A throw of the listener is contained.
   */
  on<E extends keyof RegistryEvents>(event: E, listener: (event: RegistryEvents[E]) => unknown): () => void {
    return this.#events.on(event, listener);
  }

  // For operators and for who shares breakers with other processes

  /** @internal The options of operations by pattern, in the order in which they were added. Operations take over a new list by `refresh()`. */
  config: ConfigList;

  /** @internal The sharing of its breakers with other processes; undefined: they are local. */
  fleet: FleetReading | undefined;

  /** @internal @returns A function that removes the observer. */
  observe(observer: RegistryObserver): () => void {
    return this.#events.observe(observer);
  }

  /** @internal */
  get observers(): readonly RegistryObserver[] {
    return this.#events.all;
  }

  /** @internal An operation is in its place, or breakers have taken the place of its counter. */
  equipped(operation: Operation): void {
    for (const observer of this.observers) {
      if (operation.breaker !== undefined) observer.breakerMade?.(operation, operation.breaker);
    }
    for (const observer of this.observers) observer.registered?.(operation);
  }

  /** @internal */
  registered(operation: Operation): void {
    if (__DEV__) this.#missing!.registered(operation.name);
    this.equipped(operation);
    this.emitRegistration('register', operation.name);
  }

  /** @internal */
  emitRegistration(type: 'register' | 'remove', operation: string): void {
    const { clock = systemClock } = this.#injected;
    if (this.#events.has(type)) this.#events.emit(type, { type, operation, at: wallTime(clock) });
  }

  /** @internal An operator has named an operation that is not there. @param call - As the warning names it: `trip`. */
  noteMissing(name: string, call: string): void {
    if (__DEV__) this.#missing!.note(name, call);
  }

  /**
   * {@link Breaker.ready} of an operation's breaker, or with `key` of that key's. What has no breaker yet admits its first call.
   *
   * @param options - `key`: of a keyed operation. `signal`: ends the wait, which rejects with its reason.
   */
  async ready(name: string, { key, ...options }: ReadyOptions & { key?: string | undefined } = {}): Promise<void> {
    await this.get(name, key!)?.ready(options);
  }

  // For pipelines

  /** @internal What its policies keep from call to call. Another map lets them begin anew, in pipelines that are composed again. */
  states = new WeakMap<object, unknown>();

  /** @internal */
  get table(): OperationTable {
    return this.#table;
  }

  /** @internal */
  get events(): Observers<RegistryEvents, RegistryObserver> {
    return this.#events;
  }

  /** @internal */
  get injected(): Pick<BreakerOptions, 'clock' | 'random'> {
    return this.#injected;
  }

  /** @param name - Undefined: those of all operations. */
  #breakersOf(call: string, name: string | undefined): (Breaker | Counter)[] {
    if (name === undefined) return Array.from(this, ([, breaker]) => breaker);
    const operation = this.#table.get(name);
    if (__DEV__ && operation === undefined) this.noteMissing(name, call);
    return operation?.all ?? [];
  }
}
