import { ageClockOf, systemClock, wallTime, type AgeClock, type Clock } from '../core/clock';
import { callSafely } from '../core/call-safely';
import { builtinModule, weakRef, type Ref } from '../core/platform';
import { systemRandom, type Random } from '../core/random';
import { warnOnce } from '../core/warn';
import type { Breaker } from '../breaker/breaker';
import { isShared } from '../breaker/observer';
import { doubtOf, findable } from '../operate/name-trust';
import { matches } from '../registry/config';
import type { Operation } from '../registry/operation';
import type { FleetReading, SharingStats } from '../registry/fleet-reading';
import type { BreakerRegistry } from '../registry/registry';
import type { ResolvedShareOptions } from './options';
import { CallDrivenClock } from './call-driven-clock';
import { settingsText } from './settings-text';
import { sharedName } from './shared-name';
import type { FleetStore } from './store';
import { Timer } from './timer';
import { encodeHeartbeat, type Apart, type SharedOperation } from './heartbeat';
import { Members } from './members';
import { Shard, type ShardHome } from './shard';
import { SharedBreaker } from './shared-breaker';
import type { SharedRecord } from './shared-record';
import type { Sharing } from './sharing';
import { StoreCommands } from './store-commands';
import { areAllAway, StoreHealth, type Trouble } from './store-health';
import { Turns } from './turns';

/** New breakers ask for their state at once, so that a process that starts in an outage knows of it; of more than these, those that are used. */
const NEW_AT_ONCE = 1000;

/** Requests for probe slots at once: many circuits may have tripped together. */
const REQUESTS_AT_ONCE = 32;

/** Longer messages are dropped. */
const LONGEST_MESSAGE = 1024;

/** How often it is looked for processes with other options: once in so many polls. */
const POLLS_PER_COMPARISON = 10;

/** All shared breakers of a registry, their polls, and what they hear of others. */
export class RegistrySharing implements Sharing, ShardHome, FleetReading {
  readonly process: string;
  readonly writer = randomPart();
  readonly clock: Clock;
  readonly age: AgeClock;
  readonly random: Random;
  readonly commands: StoreCommands;
  readonly members: Members;
  readonly requests = new Turns(REQUESTS_AT_ONCE);
  readonly callDriven: CallDrivenClock | undefined;
  isStopped = false;
  ignored = 0;
  votes = 0;
  /** Those of dropped keys go with their breakers. */
  readonly #breakers = new Map<string, Ref<SharedBreaker>>();
  readonly #shards = new Map<string, Shard>();
  readonly #health: StoreHealth;
  readonly #poll: Timer;
  #polls = 0;
  readonly #unsubscribe: (() => void) | undefined;
  readonly #stopObserving: () => void;

  constructor(
    private readonly registry: BreakerRegistry,
    readonly store: FleetStore,
    readonly options: ResolvedShareOptions,
  ) {
    const { clock = systemClock, random = systemRandom } = registry.injected;
    if (store.subscribe === undefined) this.callDriven = new CallDrivenClock(clock);
    this.clock = this.callDriven ?? clock;
    this.age = ageClockOf(clock);
    this.random = random;
    this.process = `${options.process ?? processName()}:${randomPart()}`;
    this.commands = new StoreCommands(options.commandTimeout, this.clock);
    this.members = new Members(store, this.commands, this.clock, { process: this.process, pollInterval: options.pollInterval });
    this.#poll = new Timer(this.clock);
    this.#health = new StoreHealth(
      () => this.#troubles(),
      (operation, trouble) => {
        this.#emit(operation, trouble);
      },
      this.clock,
      options.pollInterval,
    );
    // First, so that nothing is missed between an answer and the first message. A throw leaves nothing behind.
    this.#unsubscribe = store.subscribe?.((message) => {
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

  get pollInterval(): number {
    return this.options.pollInterval;
  }

  get health(): 'up' | 'down' {
    return areAllAway(this.#shards.values()) ? 'down' : 'up';
  }

  get stats(): SharingStats {
    const breakers = [...this.#live()];
    const { commands, members, ignored, votes } = this;
    const probesHeld = breakers.reduce((sum, { slots }) => sum + slots.held, 0);
    return { breakers: breakers.length, commands: commands.sent, unanswered: commands.unanswered, ignored, votes, probesHeld, processes: members.count };
  }

  stop(): void {
    if (this.isStopped) return;
    for (const breaker of this.#live()) breaker.leave();
    this.isStopped = true;
    this.registry.fleet = undefined;
    this.#stopObserving();
    void callSafely('The end of a subscription', () => {
      this.#unsubscribe?.();
    });
    this.#poll.stop();
    this.#health.stop();
    for (const shard of this.#shards.values()) shard.stop();
  }

  // What breakers and shards need

  participants(id: string): Promise<number | undefined> {
    return this.members.participants(id);
  }

  voted(): void {
    this.votes++;
  }

  recordChanged(): void {
    if (!this.isStopped) this.#health.changed();
  }

  shardChanged(shard: Shard): void {
    if (this.isStopped) return;
    for (const breaker of this.#live()) {
      if (breaker.record.shard !== shard) {
        // Whether the others are out of reach as well is to be known soon.
        if (!shard.isUp && breaker.record.shard.waiting === 0) breaker.record.shard.want(breaker.record);
      } else if (!shard.isUp) breaker.record.lost();
      else if (breaker.isAffected) shard.want(breaker.record);
    }
    this.#health.changed(shard.isUp || this.health === 'down' ? 0 : 2 * this.options.commandTimeout);
  }

  *recordsOf(shard: Shard): Generator<SharedRecord> {
    for (const { record } of this.#live()) if (record.shard === shard) yield record;
  }

  #troubles(): Trouble[] {
    const shards = [...this.#shards.values()];
    const away = shards.filter(({ isUp }) => !isUp);
    const [first] = away;
    const refused = [...this.#live()].filter(({ record }) => record.refusal !== undefined).map(({ breaker, record }) => ({ operation: breaker.name, error: record.refusal?.error }));
    if (first === undefined) return refused;
    return away.length === shards.length ? [{ operation: '', error: first.error }] : [{ operation: '', error: first.error, shards: away.map(({ name }) => name).sort() }, ...refused];
  }

  #emit(operation: string, trouble: Trouble | undefined): void {
    const { events } = this.registry;
    if (!events.has('store')) return;
    const { error, shards } = trouble ?? {};
    const health = trouble === undefined ? 'up' : 'down';
    events.emit('store', { type: 'store', operation, at: wallTime(this.clock), health, ...(error !== undefined && { error }), ...(shards && { shards }) });
  }

  // Which are shared

  #add(operation: Operation, breaker: Breaker): void {
    if (!this.#isWanted(operation.name)) return;
    if (this.#isDoubted(operation)) return;
    const id = sharedName(breaker.name, breaker.key);
    const shard = this.#shardOf(id);
    const shared = new SharedBreaker(id, breaker, shard, this);
    this.#breakers.set(id, weakRef(shared));
    if (shard.waiting < NEW_AT_ONCE) shard.want(shared.record);
  }

  #shardOf(id: string): Shard {
    const name = this.store.shardOf?.(id) ?? '';
    let shard = this.#shards.get(name);
    if (shard === undefined) this.#shards.set(name, (shard = new Shard(name, this)));
    return shard;
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
      this.#breakers.delete(breaker.record.id);
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

  *#live(): Generator<SharedBreaker, undefined> {
    for (const [id, ref] of this.#breakers) {
      const breaker = ref.deref();
      if (breaker === undefined) this.#breakers.delete(id);
      else yield breaker;
    }
  }

  // What is heard and asked

  /** Anybody may publish anything. Nothing of it is believed: at most, the record is read. */
  #hear(message: unknown): void {
    const isReadable = typeof message === 'string' && message.length <= LONGEST_MESSAGE;
    const [, id = '', revision = ''] = (isReadable && /^([!-~]+) ([!-~]*)$/.exec(message)) || [];
    if (this.#breakers.get(id)?.deref()?.record.heard(revision) !== true) this.ignored++;
  }

  #pollLater(): void {
    this.#poll.start(this.options.pollInterval * (0.8 + 0.4 * this.random()), () => {
      this.#pollAll();
      this.#pollLater();
    });
  }

  #pollAll(): void {
    const takesPart: string[] = [];
    const operations = new Map<string, SharedOperation>();
    const apart = new Map<string, Apart>();
    for (const shared of this.#live()) {
      if (shared.wasUsed) shared.sync();
      if (shared.apart !== undefined) apart.set(shared.record.id, shared.apart);
      if (shared.takesPart) takesPart.push(shared.record.id);
      const { name, key, settings } = shared.breaker;
      operations.set(name, { settings: settingsText(settings, this.options), isKeyed: key !== undefined });
    }
    if (this.health === 'down' || (takesPart.length === 0 && apart.size === 0)) return;
    this.members.announce(encodeHeartbeat({ takesPart, operations, apart }));
    if (this.#polls++ % POLLS_PER_COMPARISON === 1) void this.#compareSettings(operations);
  }

  async #compareSettings(operations: ReadonlyMap<string, SharedOperation>): Promise<void> {
    await this.members.read();
    for (const [process, heartbeat] of this.members.others()) {
      for (const [name, { settings: theirs }] of heartbeat.operations) {
        const mine = operations.get(name)?.settings;
        const operation = this.registry.table.get(name);
        if (operation === undefined || mine === undefined || mine === theirs) continue;
        const message = `Processes that share the breaker of '${name}' have different options. Here: ${mine}. In ${process}: ${theirs}. Each goes by its own: give all the same`;
        warnOnce(operation, 'BREAKER_BOX_FLEET', message);
      }
    }
  }
}

/** Tells operators which process it is. */
function processName(): string {
  const host = builtinModule<{ hostname(): string }>('node:os')?.hostname() ?? 'host';
  const { process } = globalThis as { process?: { pid?: number } };
  return `${host.replace(/[^\x20-\x7e]/g, '?').slice(0, 60)}:${process?.pid ?? 0}`;
}

function randomPart(): string {
  return Math.floor(systemRandom() * 2 ** 40).toString(36);
}
