import { ageClockOf, systemClock, wallTime, type AgeClock, type Clock } from '../core/clock';
import { callSafely, nothing } from '../core/call-safely';
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
import { encodeHeartbeat, MOST_OPERATIONS, settingsText, type Apart, type SharedOperation } from './heartbeat';
import { Members } from './members';
import type { ResolvedShareOptions } from './options';
import { Shard } from './shard';
import { SharedBreaker } from './shared-breaker';
import { sharedName } from './shared-name';
import type { SharedRecord } from './shared-record';
import { LONGEST_MESSAGE, type FleetStore } from './store';
import { StoreCommands } from './store-commands';
import { StoreHealth } from './store-health';
import { Timer, Timers } from './timer';

/** New breakers ask for their state at once, so that a process that starts in an outage knows of it; of more than these, those that are used. */
const NEW_AT_ONCE = 1000;

/** So many requests for probe slots are under way at once, the others wait in lines behind them: many circuits may have tripped together. */
const LINES = 32;

/** How often it is looked for processes with other options: once in so many polls. */
const POLLS_PER_COMPARISON = 10;

/** All shared breakers of a registry, their polls, and what they hear of others. */
export class RegistrySharing implements FleetReading {
  readonly process: string;
  /** Unlike any other process's. */
  readonly writer = randomPart();
  readonly clock: Clock;
  readonly age: AgeClock;
  readonly random: Random;
  readonly timers: Timers;
  /** Whether messages tell of changes. */
  readonly isSubscribed: boolean;
  readonly commands: StoreCommands;
  readonly members: Members;
  isStopped = false;
  /** Votes of this process that the store took. */
  votes = 0;
  #ignored = 0;
  /** Those of dropped keys go with their breakers. */
  readonly #breakers = new Map<string, Ref<SharedBreaker>>();
  readonly #shards = new Map<string, Shard>();
  readonly #health: StoreHealth;
  readonly #poll: Timer;
  #polls = 0;
  readonly #lines: Promise<void>[] = Array.from({ length: LINES }, () => Promise.resolve());
  #lastLine = 0;
  readonly #unsubscribe: (() => void) | undefined;
  readonly #stopObserving: () => void;

  constructor(
    private readonly registry: BreakerRegistry,
    readonly store: FleetStore,
    readonly options: ResolvedShareOptions,
  ) {
    const { clock = systemClock, random = systemRandom } = registry.injected;
    this.clock = clock;
    this.timers = new Timers(clock);
    this.isSubscribed = store.subscribe !== undefined;
    this.age = ageClockOf(clock);
    this.random = random;
    this.process = `${options.process ?? processName()}:${randomPart()}`;
    this.commands = new StoreCommands(options.commandTimeout, this.timers);
    this.members = new Members(this);
    this.#poll = new Timer(this.timers);
    this.#health = new StoreHealth(this);
    // First, so that nothing is missed between an answer and the first message. A throw leaves nothing behind.
    this.#unsubscribe = store.subscribe?.((message) => {
      this.#hear(message);
    });
    registry.fleet = this;
    this.#stopObserving = registry.observe({
      breakerMade: (operation, breaker) => {
        // Others cannot find the breaker of an instance.
        if (breaker.key !== undefined || breaker === operation.breaker) this.#review(operation, breaker);
      },
      trustChanged: () => {
        this.#reviewAll();
      },
    });
    this.#reviewAll();
    this.#pollLater();
  }

  get usedShards(): Shard[] {
    return [...this.#shards.values()];
  }

  /** `down`: each shard that is used is out of reach. */
  get health(): 'up' | 'down' {
    const shards = this.usedShards;
    return shards.length > 0 && shards.every(({ isUp }) => !isUp) ? 'down' : 'up';
  }

  get stats(): SharingStats {
    const breakers = [...this.live()];
    const { commands, members, votes } = this;
    const probesHeld = breakers.reduce((sum, { slots }) => sum + slots.count, 0);
    return { breakers: breakers.length, commands: commands.sent, unanswered: commands.unanswered, ignored: this.#ignored, votes, probesHeld, processes: members.count };
  }

  stop(): void {
    if (this.isStopped) return;
    for (const breaker of this.live()) breaker.leave();
    this.isStopped = true;
    this.registry.fleet = undefined;
    this.#stopObserving();
    void callSafely('The end of a subscription', () => {
      this.#unsubscribe?.();
    });
    this.#poll.stop();
    this.#health.stop();
    for (const shard of this.usedShards) shard.stop();
  }

  // What breakers and shards need

  /** Runs a request for a probe slot when those before it in its line have ended. */
  inTurn(request: () => Promise<void>): void {
    this.#lastLine = (this.#lastLine + 1) % LINES;
    this.#lines[this.#lastLine] = this.#lines[this.#lastLine]!.then(request).catch(nothing);
  }

  /** Whether this process has asked for a slot. */
  isOurs(slot: string): boolean {
    return slot.startsWith(`${this.writer}:`);
  }

  /** A record cannot be used, or can again. */
  healthChanged(): void {
    if (!this.isStopped) this.#health.changed();
  }

  /** It is out of reach now, or can be reached again. */
  shardChanged(shard: Shard): void {
    if (this.isStopped) return;
    for (const { record, isAffected } of this.live()) {
      if (record.shard !== shard) {
        // Whether the others are out of reach as well is to be known soon.
        if (!shard.isUp && record.shard.waiting === 0) record.shard.want(record);
      } else if (isAffected) shard.want(record);
    }
    this.#health.changed(shard.isUp || this.health === 'down' ? 0 : 2 * this.options.commandTimeout);
  }

  *recordsOf(shard: Shard): Generator<SharedRecord> {
    for (const { record } of this.live()) if (record.shard === shard) yield record;
  }

  *live(): Generator<SharedBreaker, undefined> {
    for (const [id, ref] of this.#breakers) {
      const breaker = ref.deref();
      if (breaker === undefined) this.#breakers.delete(id);
      else yield breaker;
    }
  }

  /** @param operation - `''`: the store as a whole, or some of its shards. @param trouble - Undefined: it can be used again. */
  emit(operation: string, trouble: { readonly error: unknown; readonly shards?: readonly string[] | undefined } | undefined): void {
    const { events } = this.registry;
    if (events.has('store')) events.emit('store', { type: 'store', operation, at: wallTime(this.clock), health: trouble === undefined ? 'up' : 'down', ...trouble });
  }

  // Which are shared

  /** Whether names mean the same everywhere may change: an operation that came later may show that the program is minified. */
  #reviewAll(): void {
    for (const operation of this.registry.table) for (const breaker of findable(operation)) this.#review(operation, breaker);
  }

  /** Shares a breaker that is to be shared, and no longer one that is not. */
  #review(operation: Operation, breaker: Breaker): void {
    const id = sharedName(breaker.name, breaker.key);
    const isWanted = this.#isWanted(operation);
    if (isWanted && !isShared(breaker)) this.#add(id, breaker);
    if (isWanted || !isShared(breaker)) return;
    this.#breakers.get(id)?.deref()?.leave();
    this.#breakers.delete(id);
  }

  /** Whether it is one of those named in the options, and its name means the same in all processes. */
  #isWanted(operation: Operation): boolean {
    const { operations } = this.options;
    if (operations?.some((pattern) => matches(pattern, operation.name)) === false) return false;
    const doubt = doubtOf(operation);
    if (doubt?.why !== undefined) warnOnce(doubt.site, 'BREAKER_BOX_UNNAMED', `The operation '${operation.name}' is not shared, for ${doubt.why}`);
    return doubt === undefined;
  }

  #add(id: string, breaker: Breaker): void {
    const name = this.store.shardOf?.(id) ?? '';
    const shard = this.#shards.get(name) ?? new Shard(name, this);
    this.#shards.set(name, shard);
    const shared = new SharedBreaker(id, breaker, shard, this);
    this.#breakers.set(id, weakRef(shared));
    if (shard.waiting < NEW_AT_ONCE) shared.begin();
  }

  // What is heard and asked

  /** Anybody may publish anything. Nothing of it is believed: at most, the record is read. */
  #hear(message: unknown): void {
    const isReadable = typeof message === 'string' && message.length <= LONGEST_MESSAGE;
    const [, id = '', revision = ''] = (isReadable && /^([!-~]+) ([!-~]*)$/.exec(message)) || [];
    if (this.#breakers.get(id)?.deref()?.record.heard(revision) !== true) this.#ignored++;
  }

  #pollLater(): void {
    this.#poll.start(this.options.pollInterval * (0.8 + 0.4 * this.random()), () => {
      this.#pollAll();
      this.#pollLater();
    });
  }

  #pollAll(): void {
    const breakers = [...this.live()];
    for (const shared of breakers) if (shared.wasUsed) shared.sync();
    const takesPart = breakers.filter((shared) => shared.takesPart).map(({ record }) => record.id);
    const apart = new Map<string, Apart>();
    for (const shared of breakers) if (shared.apart !== undefined) apart.set(shared.record.id, shared.apart);
    if (this.health === 'down' || (takesPart.length === 0 && apart.size === 0)) return;
    const operations = new Map<string, SharedOperation>();
    for (const { breaker } of breakers) {
      const { name, key, settings } = breaker;
      if (operations.size < MOST_OPERATIONS && !operations.has(name)) operations.set(name, { settings: settingsText(settings, this.options), isKeyed: key !== undefined });
    }
    void this.members.announce(encodeHeartbeat({ takesPart, operations, apart }));
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
