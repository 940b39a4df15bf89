import { BreakerRegistry, withBreaker } from '../../../lib';
import type { BreakerOptions } from '../../../lib/breaker/options';
import { memoryStore } from '../../../lib/fleet/memory-store';
import { shareBreakers } from '../../../lib/fleet/share-breakers';
import type { Command } from '../../../lib/fleet/command';
import { decode, encode, nextRevision, type Record } from '../../../lib/fleet/record';
import { reduce } from '../../../lib/fleet/reduce';
import type { ShareOptions } from '../../../lib/fleet/options';
import type { Expected, FleetStore, Reading, Stored, Written } from '../../../lib/fleet/store';
import { TimerClock } from '../../support/timer-clock';

/** Never settles. */
export const forEver = new Promise<never>(() => {});

/** What ends when it is released. */
export function held() {
  let release: () => void = () => undefined;
  const until = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { until, release };
}

/** A command that came to a store. */
export type Sent =
  | { readonly kind: 'read'; readonly names: readonly string[] }
  | { readonly kind: 'write'; readonly name: string; readonly record: Record | undefined }
  | { readonly kind: 'announce' }
  | { readonly kind: 'members' };

/** A store that can be away, slow, or stuck, over one that works. It notes what it is told. */
export class TroubledStore implements FleetStore {
  mode: 'well' | 'refusing' | 'stuck' | 'delivering late' = 'well';
  latencyMs = 0;
  /** Of the way back: what is answered is older by so much. */
  answerLatencyMs = 0;
  /** What each command is asked first: a throw is its answer. */
  check: (sent: Sent) => void = () => undefined;
  /** Puts something else in place of an answer. */
  lie: (answer: unknown) => unknown = (answer) => answer;
  readonly commands: Sent[] = [];
  /** What was written, and not only tried. */
  readonly written: Record[] = [];
  readonly shardOf: ((name: string) => string) | undefined;
  readonly #held: (() => void)[] = [];

  constructor(
    readonly beneath: FleetStore,
    private readonly clock: TimerClock,
  ) {}

  read(names: readonly string[]): Promise<Reading> {
    return this.#pass({ kind: 'read', names }, () => this.beneath.read(names));
  }

  compareAndSet(name: string, expected: Expected, next: Stored | undefined, lastsMs: number): Promise<Written> {
    const record = next && decode(next.value);
    return this.#pass({ kind: 'write', name, record }, async () => {
      const written = await this.beneath.compareAndSet(name, expected, next, lastsMs);
      if (written.done && record !== undefined) this.written.push(record);
      return written;
    });
  }

  announce(process: string, value: string, lastsMs: number): Promise<void> {
    return this.#pass({ kind: 'announce' }, () => this.beneath.announce(process, value, lastsMs));
  }

  members(): Promise<ReadonlyMap<string, string>> {
    return this.#pass({ kind: 'members' }, () => this.beneath.members());
  }

  subscribe(listener: (message: string) => void): () => void {
    return this.beneath.subscribe!(listener);
  }

  /** What was held back is done now, as by a client with a queue. */
  deliver(): void {
    this.mode = 'well';
    for (const resolve of this.#held.splice(0)) resolve();
  }

  kinds(): string[] {
    return this.commands.map(({ kind }) => kind);
  }

  writes(): (Record | undefined)[] {
    return this.commands.flatMap((sent) => (sent.kind === 'write' ? [sent.record] : []));
  }

  async #pass<T>(sent: Sent, command: () => Promise<T>): Promise<T> {
    this.commands.push(sent);
    this.check(sent);
    if (this.mode === 'refusing') throw new Error('ECONNREFUSED');
    if (this.mode === 'stuck') return forEver;
    if (this.mode === 'delivering late') {
      await new Promise<void>((resolve) => {
        this.#held.push(resolve);
      });
    }
    if (this.latencyMs > 0) await this.#wait(this.latencyMs);
    const answer = await command();
    if (this.answerLatencyMs > 0) await this.#wait(this.answerLatencyMs);
    return this.lie(answer) as T;
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.clock.setTimeout(resolve, ms);
    });
  }
}

/** The dependency that all processes call, and what it saw. */
class Dependency {
  isUp = true;
  calls = 0;
  /** Calls under way. */
  running = 0;
  most = 0;

  readonly call = async (work: () => Promise<void> = () => Promise.resolve()): Promise<string> => {
    this.calls++;
    this.running++;
    this.most = Math.max(this.most, this.running);
    try {
      await work();
    } finally {
      this.running--;
    }
    if (!this.isUp) throw new Error('down');
    return 'served';
  };
}

/** Processes, each with a registry and a way to the store of its own, in one time. */
export class TestFleet {
  readonly clock = new TimerClock();
  /** The clock of the store over that of the processes. */
  storeAheadMs = 0;
  readonly store = memoryStore({
    clock: { now: () => this.clock.now(), setTimeout: (fn, ms) => this.clock.setTimeout(fn, ms), clearTimeout: (handle) => { this.clock.clearTimeout(handle); }, wallTime: () => this.clock.wallTime() + this.storeAheadMs },
  });
  readonly dependency = new Dependency();
  readonly processes: TestProcess[] = [];
  /** Whether the store tells nobody of changes. */
  isPolled = false;

  start(options: BreakerOptions = {}, share: ShareOptions = {}, registry = new BreakerRegistry({ clock: this.clock, random: () => 0.5 })): TestProcess {
    const store = new TroubledStore(this.store, this.clock);
    if (this.isPolled) Object.assign(store, { subscribe: undefined });
    const name = `process ${this.processes.length + 1}`;
    const call = withBreaker(this.dependency.call, { name: 'pay', failureThreshold: 2, recoveryTimeout: '10s', ...options, registry });
    const sharing = shareBreakers(registry, store, { process: name, quorum: { min: 2, ratio: 0.5 }, ...share });
    const process = new TestProcess(registry, store, call, sharing);
    this.processes.push(process);
    return process;
  }

  /** Several of the same, which have told that they take part. */
  async ready(count: number, options: BreakerOptions = {}, share: ShareOptions = {}): Promise<TestProcess[]> {
    const processes = Array.from({ length: count }, () => this.start(options, share));
    await this.clock.advance(0);
    for (let round = 0; round < 4; round++) {
      await this.clock.advance(2000);
      await Promise.all(processes.map(({ call }) => call()));
    }
    return processes;
  }

  /** Lets all hear of what has happened: a record is read at most once in 50 ms. */
  async settle(): Promise<void> {
    await this.clock.advance(120);
  }

  /** What is in the store of a record. */
  async recordOf(name: string): Promise<Record | undefined> {
    const { stored } = await this.store.read([name]);
    return stored[0] && decode(stored[0].value);
  }

  /** What an operator does by the command line. */
  async force(name: string, command: Command): Promise<void> {
    const { now, stored } = await this.store.read([name]);
    const [present] = stored;
    const { record } = reduce(present && decode(present.value), command, { process: 'operator', nowMicros: now * 1000, server: '', lease: 5000, late: 0 });
    const next = record && { revision: nextRevision(present?.revision ?? '', now * 1000, 'operator'), value: encode(record) };
    await this.store.compareAndSet(name, { revision: present?.revision ?? '', server: '', notAfter: now }, next, 600_000);
  }

  states(): string[] {
    return this.processes.map(({ state }) => state);
  }
}

export class TestProcess {
  readonly health: string[] = [];

  constructor(
    readonly registry: BreakerRegistry,
    readonly store: TroubledStore,
    readonly call: ReturnType<typeof withBreaker<() => Promise<string>>>,
    readonly sharing: ReturnType<typeof shareBreakers>,
  ) {
    registry.on('store', ({ health, operation }) => this.health.push(operation === '' ? health : `${operation} ${health}`));
  }

  get breaker() {
    return this.call.breaker!;
  }

  get state(): string {
    return this.breaker.state;
  }

  /** Calls, and tells what came of it. */
  async attempt(): Promise<string> {
    try {
      return await this.call();
    } catch (error) {
      return (error as Error).name === 'CircuitOpenError' ? 'rejected' : (error as Error).message;
    }
  }

  async fail(times = 2): Promise<void> {
    for (let n = 0; n < times; n++) await this.attempt();
  }
}
