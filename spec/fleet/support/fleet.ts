import { BreakerRegistry, withBreaker } from '../../../lib';
import type { BreakerOptions } from '../../../lib/breaker/options';
import { memoryStore, shareBreakers, type Answer, type Command, type SharedStore, type ShareOptions } from '../../../lib/fleet';
import { TimerClock } from '../../support/timer-clock';

/** Never settles. */
export const forEver = new Promise<never>(() => {});

/** A store that can be away, slow, or stuck, over one that works. It notes what it is told. */
export class TroubledStore implements SharedStore {
  mode: 'well' | 'refusing' | 'stuck' | 'delivering late' = 'well';
  latencyMs = 0;
  /** Of the way back: what is answered is older by so much. */
  answerLatencyMs = 0;
  readonly commands: Command[] = [];
  readonly #held: (() => void)[] = [];

  constructor(
    readonly beneath: SharedStore,
    private readonly clock: TimerClock,
  ) {}

  async apply(breaker: string, command: Command): Promise<Answer> {
    this.commands.push(command);
    if (this.mode === 'refusing') throw new Error('ECONNREFUSED');
    if (this.mode === 'stuck') return forEver;
    if (this.mode === 'delivering late') {
      await new Promise<void>((resolve) => {
        this.#held.push(resolve);
      });
    }
    if (this.latencyMs > 0) await this.#pass(this.latencyMs);
    const answer = await this.beneath.apply(breaker, command);
    if (this.answerLatencyMs > 0) await this.#pass(this.answerLatencyMs);
    return answer;
  }

  subscribe(listener: (change: unknown) => void): () => void {
    return this.beneath.subscribe(listener);
  }

  /** What was held back is done now, as by a client with a queue. */
  deliver(): void {
    this.mode = 'well';
    for (const resolve of this.#held.splice(0)) resolve();
  }

  kinds(): string[] {
    return this.commands.map(({ kind }) => kind);
  }

  #pass(ms: number): Promise<void> {
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
  readonly store = memoryStore({ clock: this.clock });
  readonly dependency = new Dependency();
  readonly processes: TestProcess[] = [];

  start(options: BreakerOptions = {}, share: ShareOptions = {}, registry = new BreakerRegistry({ clock: this.clock, random: () => 0.5 })): TestProcess {
    const store = new TroubledStore(this.store, this.clock);
    const name = `process ${this.processes.length + 1}`;
    const call = withBreaker(this.dependency.call, { name: 'pay', failureThreshold: 2, recoveryTimeout: '10s', ...options, registry });
    const sharing = shareBreakers(registry, store, { process: name, ...share });
    const process = new TestProcess(registry, store, call, sharing);
    this.processes.push(process);
    return process;
  }

  /** Several of the same, which have asked for their state, and whom the store knows longer than a lease. */
  async ready(count: number, options: BreakerOptions = {}, share: ShareOptions = {}): Promise<TestProcess[]> {
    const processes = Array.from({ length: count }, () => this.start(options, share));
    await this.clock.advance(0);
    for (let round = 0; round < 4; round++) {
      await this.clock.advance(2000);
      await Promise.all(processes.map(({ call }) => call()));
    }
    return processes;
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
