import type { BreakerState } from 'breaker-box';
import { fromNodeRedis } from 'breaker-box/redis';
import { createClient } from 'redis';
import { Fleet as Operator } from '../../lib/cli/fleet';
import type { Record } from '../../lib/fleet/record';
import { sharedName } from '../../lib/fleet/shared-name';
import { FleetProcess } from './fleet-process';
import type { Order, Setup, Transition } from './messages';

/** The one operation of most fleets. */
export const OPERATION = 'VideoService.download';

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
  readonly #operator: Operator;
  /** Of processes that were killed. */
  readonly #pastLosses: string[] = [];

  private constructor(
    readonly setup: Setup,
    readonly processes: FleetProcess[],
    private readonly redisUrl: string,
    client: Connection,
  ) {
    const { eval: evaluate } = fromNodeRedis(client);
    this.#operator = new Operator({ eval: evaluate, isOneShard: true }, setup.prefix);
  }

  static async start(redisUrl: string, client: Connection, count: number, setup: Setup): Promise<Fleet> {
    const processes = await Promise.all(Array.from({ length: count }, () => FleetProcess.start(redisUrl, setup)));
    const fleet = new Fleet(setup, processes, redisUrl, client);
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

  /** What the store has of a breaker. */
  async record(operation = OPERATION): Promise<Record | undefined> {
    return (await this.#operator.look()).records.get(sharedName(operation));
  }

  /** Closes a breaker in all processes, as an operator would. */
  async reset(operation = OPERATION): Promise<void> {
    await this.#operator.force(operation, undefined, { kind: 'force', act: 'reset' });
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
}
