import cluster, { type Worker } from 'node:cluster';
import { randomUUID } from 'node:crypto';
import { nothing } from '../../core/call-safely';
import { systemClock } from '../../core/clock';
import { ConfigurationError } from '../../core/errors';
import { describeThrown } from '../../core/safe-inspect';
import { MemoryStore } from '../memory-store';
import { Line } from './line';
import { marked, received, VERSION, type Message, type Received } from './messages';
import { OPERATIONS, type OperationName } from './operations';

/** The store that the primary of `node:cluster` keeps for its workers; a {@link FleetStore} for the primary itself. */
export class ClusterPrimary extends MemoryStore {
  /** Workers that have asked for something. Others are told nothing. */
  readonly #lines = new WeakMap<Worker, Line>();
  readonly #silence: () => void;

  /** @internal Made by {@link clusterPrimary}. */
  constructor() {
    // Another one, after a stop, has nothing of what this one had.
    super(systemClock, randomUUID());
    cluster.on('message', this.#hear);
    this.#silence = this.subscribe((written) => {
      for (const worker of Object.values(cluster.workers ?? {})) if (worker !== undefined) this.#lines.get(worker)?.send(marked({ written }), nothing);
    });
  }

  /** Answers workers no more. Each goes on with its own breakers then; what they share is forgotten. */
  stop(): void {
    cluster.off('message', this.#hear);
    this.#silence();
    if (running === this) running = undefined;
  }

  readonly #hear = (worker: Worker, message: unknown): void => {
    const ours = received(message);
    if (typeof ours?.id !== 'string') return;
    const line = this.#lines.get(worker) ?? new Line(worker, `Worker ${worker.id}`);
    this.#lines.set(worker, line);
    // A worker that is gone, or stopped, asks again when it is back, as after any message that is lost.
    void this.#reply(ours.id, ours).then((reply) => line.send(marked(reply), nothing));
  };

  async #reply(id: string, { version, operation, asked }: Received): Promise<Message> {
    try {
      if (version !== VERSION) throw new Error(`The primary speaks version ${VERSION} of the messages of clusterStore, not ${String(version)}: have one version of breaker-box in all processes`);
      if (!Object.hasOwn(OPERATIONS, String(operation))) throw new Error('clusterStore has no such operation');
      return { id, answer: await OPERATIONS[operation as OperationName](this, asked) };
    } catch (error) {
      return { id, error: describeThrown(error).message };
    }
  }
}

let running: ClusterPrimary | undefined;

/**
 * Lets the primary process of `node:cluster` keep the breakers that its workers share, in its memory. Call it once, before or after
 * the first worker is forked; in the workers goes {@link clusterStore}.
 *
 * @returns The store, for breakers of the primary itself, with `stop()`.
 * @throws {@link ConfigurationError} outside of the primary, and when one is there that has not been stopped.
 */
export function clusterPrimary(): ClusterPrimary {
  const blame = (message: string, received: string): never => {
    throw new ConfigurationError('clusterPrimary', [{ path: 'process', message, received }]);
  };
  if (cluster.worker !== undefined) blame('must be the primary of node:cluster; a worker takes clusterStore()', `worker ${cluster.worker.id}`);
  if (running !== undefined) blame('can have one at a time: use the one that is there, or stop() it first', 'a second one');
  running = new ClusterPrimary();
  return running;
}
