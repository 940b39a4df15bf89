import { builtinModule, weakRef, type Ref } from '../core/platform';
import { systemClock, wallTime, type Clock } from '../core/clock';
import { callSafely } from '../core/call-safely';
import { systemRandom, type Random } from '../core/random';
import { warnOnce } from '../core/warn';
import type { Breaker } from '../breaker/breaker';
import { isShared } from '../breaker/observer';
import { doubtOf, findable } from '../operate/name-trust';
import type { Operation } from '../registry/operation';
import { matches } from '../registry/config';
import type { FleetReading, SharingStats } from '../registry/fleet-reading';
import type { BreakerRegistry } from '../registry/registry';
import { readChange } from './change';
import type { ResolvedShareOptions } from './options';
import { SharedBreaker, type Sharing } from './shared-breaker';
import { sharedName } from './shared-name';
import type { SharedStore } from './shared-store';
import { StoreLink, type LinkOwner } from './store-link';
import { SyncQueue } from './sync-queue';
import { Timer } from './timer';

/** New breakers ask for their state at once, so that a process that starts in an outage knows of it; of more than these, those that are used. */
const NEW_AT_ONCE = 1000;

/** All shared breakers of a registry, their polls, and what they hear of others. */
export class RegistrySharing implements Sharing, LinkOwner, FleetReading {
  readonly process: string;
  readonly clock: Clock;
  readonly link: StoreLink;
  isStopped = false;
  ignored = 0;
  /** Those of dropped keys go with their breakers. */
  readonly #breakers = new Map<string, Ref<SharedBreaker>>();
  readonly #queue = new SyncQueue();
  readonly #poll: Timer;
  readonly #random: Random;
  readonly #unsubscribe: () => void;
  readonly #stopObserving: () => void;
  /** Where to go on looking for a breaker to test the store with. */
  #lastUsed: Ref<SharedBreaker> | undefined;

  constructor(
    private readonly registry: BreakerRegistry,
    store: SharedStore,
    readonly options: ResolvedShareOptions,
  ) {
    const { clock = systemClock, random = systemRandom } = registry.injected;
    this.clock = clock;
    this.#random = random;
    this.process = options.process ?? processName();
    this.link = new StoreLink(store, this, options, clock, random);
    this.#poll = new Timer(clock);
    // First, so that nothing is missed between an answer and the first message. A throw leaves nothing behind.
    this.#unsubscribe = store.subscribe((message) => {
      this.#hear(message);
    });
    registry.fleet = this;
    this.#stopObserving = registry.observe({
      breakerMade: (operation, breaker) => {
        // Others cannot find the breaker of an instance.
        if (breaker.key !== undefined || breaker === operation.breaker) this.#add(operation, breaker);
      },
      trustChanged: () => {
        this.#leaveDoubted();
        this.#addTrusted();
      },
    });
    this.#addTrusted();
    this.#pollLater();
  }

  get health(): 'up' | 'down' {
    return this.link.health;
  }

  get stats(): SharingStats {
    const breakers = [...this.#live()];
    const { commands, unanswered, votes, processes } = this.link;
    const probesHeld = breakers.reduce((sum, breaker) => sum + breaker.probesHeld, 0);
    return { breakers: breakers.length, commands, unanswered, ignored: this.ignored, votes, probesHeld, processes };
  }

  stop(): void {
    if (this.isStopped) return;
    for (const breaker of this.#live()) breaker.leave();
    this.isStopped = true;
    this.registry.fleet = undefined;
    this.#stopObserving();
    void callSafely('The end of a subscription', () => {
      this.#unsubscribe();
    });
    this.#poll.stop();
    this.#queue.clear();
    this.link.stop();
  }

  recordChanged(breaker: SharedBreaker, health: 'up' | 'down', error: unknown): void {
    this.#emit(breaker.breaker.name, health, error);
  }

  healthChanged(health: 'up' | 'down', error: unknown): void {
    if (this.isStopped) return;
    this.#emit('', health, error);
    if (health === 'down') this.#queue.clear();
    else for (const breaker of this.#live()) if (breaker.isAffected) this.#queue.add(breaker);
  }

  test(): Promise<unknown> | undefined {
    const breaker = this.#lastUsed?.deref() ?? this.#live().next().value;
    return breaker?.sync();
  }

  #emit(operation: string, health: 'up' | 'down', error: unknown): void {
    const { events } = this.registry;
    if (events.has('store')) events.emit('store', { type: 'store', operation, at: wallTime(this.clock), health, ...(error !== undefined && { error }) });
  }

  #add(operation: Operation, breaker: Breaker): void {
    if (!this.#isWanted(operation.name)) return;
    if (this.#isDoubted(operation)) return;
    const shared = new SharedBreaker(sharedName(breaker.name, breaker.key), breaker, this);
    this.#breakers.set(shared.id, weakRef(shared));
    if (this.#queue.size < NEW_AT_ONCE) this.#queue.add(shared);
  }

  /** Whether the name may mean another operation in another process. */
  #isDoubted(operation: Operation): boolean {
    const doubt = doubtOf(operation);
    if (doubt?.why !== undefined) {
      warnOnce(doubt.site, 'BREAKER_BOX_UNNAMED', `The operation '${operation.name}' is not shared, for ${doubt.why}`);
    }
    return doubt !== undefined;
  }

  /** Names that seemed to mean the same everywhere do not: an operation that came later shows that the program is minified. */
  #leaveDoubted(): void {
    for (const breaker of this.#live()) {
      const operation = this.registry.table.get(breaker.breaker.name);
      if (operation === undefined || !this.#isDoubted(operation)) continue;
      breaker.leave();
      this.#breakers.delete(breaker.id);
    }
  }

  /** All that are not shared yet; of those that left, names may be trusted again. */
  #addTrusted(): void {
    for (const operation of this.registry.table) {
      for (const breaker of findable(operation)) {
        if (!isShared(breaker)) this.#add(operation, breaker);
      }
    }
  }

  #isWanted(name: string): boolean {
    const { operations } = this.options;
    return operations === undefined || operations.some((pattern) => matches(pattern, name));
  }

  #hear(message: unknown): void {
    const change = readChange(message);
    const breaker = change && this.#breakers.get(change.breaker)?.deref();
    if (change === undefined || breaker === undefined) this.ignored++;
    else breaker.heard(change.epoch, change.override === true);
  }

  #pollLater(): void {
    this.#poll.start(this.options.pollInterval * (0.8 + 0.4 * this.#random()), () => {
      this.#askForUsed();
      this.#pollLater();
    });
  }

  #askForUsed(): void {
    for (const breaker of this.#live()) {
      if (!breaker.wasUsed) continue;
      this.#lastUsed = weakRef(breaker);
      if (this.link.isUp) this.#queue.add(breaker);
    }
  }

  *#live(): Generator<SharedBreaker, undefined> {
    for (const [id, ref] of this.#breakers) {
      const breaker = ref.deref();
      if (breaker === undefined) this.#breakers.delete(id);
      else yield breaker;
    }
  }
}

/** Tells operators which process it is, and no two have the same. */
function processName(): string {
  const host = builtinModule<{ hostname(): string }>('node:os')?.hostname() ?? 'host';
  const { process } = globalThis as { process?: { pid?: number } };
  const part = Math.floor(systemRandom() * 2 ** 32).toString(36);
  return `${host.replace(/[^\x20-\x7e]/g, '?').slice(0, 60)}:${process?.pid ?? 0}:${part}`;
}
