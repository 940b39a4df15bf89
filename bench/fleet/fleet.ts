import type { BreakerState } from 'breaker-box';
import { fromNodeRedis, redisStore, type Answer, type Command, type Sender, type SharedStore } from 'breaker-box/redis';
import { createClient } from 'redis';
import { FleetProcess } from './fleet-process';
import type { Order, Setup, Transition } from './messages';

/** The one operation of most fleets. */
export const OPERATION = 'VideoService.download';

/** Like those of the operator's command line: no member of the fleet, and it knows nothing. */
const OPERATOR: Sender = { process: 'benchmark', seen: { epoch: 0, state: 'closed', remaining: 0, reopenings: 0 }, alive: 0, lease: 5000 };

type Act = Command extends infer C ? (C extends Command ? Omit<C, keyof Sender> : never) : never;

/** The benchmark's own connection to the redis-server. */
export type Connection = Awaited<ReturnType<typeof connect>>;

export async function connect(url: string) {
  const client = createClient({ url });
  client.on('error', (error) => console.error(error));
  await client.connect();
  return client;
}

/** Processes that share their breakers. */
export class Fleet implements AsyncDisposable {
  readonly #store: SharedStore;
  /** Of processes that were killed. */
  readonly #pastLosses: string[] = [];

  private constructor(
    readonly setup: Setup,
    readonly processes: FleetProcess[],
    private readonly redisUrl: string,
    client: Connection,
  ) {
    this.#store = redisStore(fromNodeRedis(client), { prefix: setup.prefix });
  }

  static async start(redisUrl: string, client: Connection, count: number, setup: Setup): Promise<Fleet> {
    const processes = await Promise.all(Array.from({ length: count }, () => FleetProcess.start(redisUrl, setup)));
    const fleet = new Fleet(setup, processes, redisUrl, client);
    for (const name of setup.operations) await fleet.#knowsAll(name);
    return fleet;
  }

  /** Why processes have lost the store, each time. */
  get losses(): string[] {
    return [...this.#pastLosses, ...this.processes.flatMap(({ losses }) => losses)];
  }

  orderAll(order: Order): Promise<unknown> {
    return Promise.all(this.processes.map((process) => process.order(order)));
  }

  /** When all have turned to this state. */
  allTurned(to: BreakerState): Promise<Transition[]> {
    return Promise.all(this.processes.map((process) => process.turned(to)));
  }

  /** Does something to the fleet's breaker, or asks for it, as an operator would. */
  act(act: Act, operation = OPERATION): Promise<Answer> {
    return this.#store.apply(operation, { ...OPERATOR, ...act });
  }

  /** Opens the circuit of all, by a failure in one. */
  async open(): Promise<void> {
    const opened = this.allTurned('open');
    await this.processes[0]!.order({ kind: 'fail', operation: OPERATION });
    await opened;
  }

  /** Ends a process as a crash would. */
  async crash(process: FleetProcess): Promise<void> {
    await process.kill();
    this.#pastLosses.push(...process.losses);
    this.processes.splice(this.processes.indexOf(process), 1);
  }

  async add(): Promise<FleetProcess> {
    const process = await FleetProcess.start(this.redisUrl, this.setup);
    this.processes.push(process);
    return process;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.processes.map((process) => process.kill()));
  }

  /** Waits until the store knows all processes: so each has asked, and knows the epoch. */
  async #knowsAll(operation: string): Promise<void> {
    while ((await this.act({ kind: 'get' }, operation)).processes < this.processes.length) {
      await new Promise((resolve) => {
        setTimeout(resolve, 20);
      });
    }
  }
}
