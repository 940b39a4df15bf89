import cluster, { type Worker } from 'node:cluster';
import { randomUUID } from 'node:crypto';
import { nothing } from '../../core/call-safely';
import { systemClock } from '../../core/clock';
import { ConfigurationError } from '../../core/errors';
import { asText } from '../../core/safe-inspect';
import { startTimer } from '../../core/timer';
import type { Expected, FleetStore, Reading, Stored, Written } from '../store';
import { Subscribers } from '../subscribers';
import { Channel, received, type Message } from './channel';
import type { OperationName } from './cluster-primary';

/** Who listens to the primary no longer waits for it then. */
const ANSWER_WITHIN_MS = 5000;

interface Waiting {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
}

class ClusterStore implements FleetStore {
  readonly #channel: Channel;
  readonly #waiting = new Map<unknown, Waiting>();
  readonly #subscribers = new Subscribers();
  /** Of its own in each store: a worker may have several, also of several copies of the package. */
  readonly #name = randomUUID();
  #sent = 0;

  constructor(worker: Worker) {
    this.#channel = new Channel(worker, 'The primary');
    worker.on('message', (message: unknown) => {
      this.#hear(received(message) ?? {});
    });
    worker.on('disconnect', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('The primary is not connected any more'));
    });
  }

  async read(names: readonly string[]): Promise<Reading> {
    const { stored, ...moment } = await this.#ask<Reading>('read', { names });
    // JSON has null in a list where nothing is.
    return { ...moment, stored: stored.map((one) => one ?? undefined) };
  }

  async compareAndSet(name: string, expected: Expected, next: Stored | undefined, lastsMs: number): Promise<Written> {
    return this.#ask<Written>('compareAndSet', { name, expected, next, lastsMs });
  }

  async announce(process: string, value: string, lastsMs: number): Promise<void> {
    await this.#ask('announce', { process, value, lastsMs });
  }

  async members(): Promise<ReadonlyMap<string, string>> {
    return new Map(await this.#ask<[string, string][]>('members', {}));
  }

  subscribe(listener: (message: string) => void): () => void {
    // The primary tells those who have asked it for something.
    this.members().catch(nothing);
    return this.#subscribers.add(listener);
  }

  async #ask<A>(operation: OperationName, asked: object): Promise<A> {
    const id = `${this.#name}:${++this.#sent}`;
    const giveUp = startTimer(systemClock, ANSWER_WITHIN_MS, () => {
      this.#waiting.get(id)?.reject(new Error(`The primary has not answered within ${ANSWER_WITHIN_MS} ms: has it called clusterPrimary()?`));
    });
    try {
      return await new Promise<A>((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject });
        this.#channel.send({ id, operation, asked }, reject);
      });
    } finally {
      giveUp();
      this.#waiting.delete(id);
    }
  }

  #hear({ id, answer, error, written }: Message): void {
    if (typeof written === 'string') this.#subscribers.tell(written);
    if (error === undefined) this.#waiting.get(id)?.resolve(answer as never);
    else this.#waiting.get(id)?.reject(new Error(asText(error)));
  }
}

/**
 * The store that the primary of `node:cluster` keeps, for a worker. The primary has called {@link clusterPrimary}, which is this for
 * the primary itself.
 *
 * A command rejects when the primary is not connected, does not read, or has not answered within five seconds.
 *
 * @throws {@link ConfigurationError} in a process that is not a worker of `node:cluster`.
 */
export function clusterStore(): FleetStore {
  const { worker } = cluster;
  if (worker !== undefined) return new ClusterStore(worker);
  const message = 'must be a worker of node:cluster; its primary takes clusterPrimary(), which is a store itself';
  throw new ConfigurationError('clusterStore', [{ path: 'process', message, received: 'no worker' }]);
}
