import cluster, { type Worker } from 'node:cluster';
import { ConfigurationError } from '../../core/errors';
import { problems } from '../../core/options';
import { describeThrown } from '../../core/safe-inspect';
import { memoryStore } from '../memory-store';
import type { Answer, Change, Command, SharedStore } from '../shared-store';
import { Line } from './line';
import { marked, received, requestSchema, VERSION, type Received, type Reply, type Request } from './messages';

/** The store that the primary of `node:cluster` keeps for its workers; a {@link SharedStore} for the primary itself. */
export class ClusterPrimary implements SharedStore {
  readonly #store = memoryStore();
  /** Workers that have said that they share breakers. Others are sent nothing. */
  readonly #lines = new WeakMap<Worker, Line>();
  readonly #silence: () => void;

  /** @internal Made by {@link clusterPrimary}. */
  constructor() {
    cluster.on('message', this.#hear);
    this.#silence = this.#store.subscribe((change) => {
      this.#tell(change);
    });
  }

  /** How many breakers it keeps. */
  get size(): number {
    return this.#store.size;
  }

  apply(breaker: string, command: Command): Promise<Answer> {
    return this.#store.apply(breaker, command);
  }

  subscribe(listener: (change: unknown) => void): () => void {
    return this.#store.subscribe(listener);
  }

  /** Answers workers no more. Each goes on with its own breakers then; what they share is forgotten. */
  stop(): void {
    cluster.off('message', this.#hear);
    this.#silence();
    if (running === this) running = undefined;
  }

  readonly #hear = (worker: Worker, message: unknown): void => {
    const ours = received(message);
    if (ours === undefined) return;
    const line = this.#lineTo(worker);
    if (typeof ours.id === 'string') void this.#answer(line, ours.id, ours);
  };

  async #answer(line: Line, id: string, message: Received): Promise<void> {
    line.send(marked(await this.#reply(id, message)), unheard);
  }

  async #reply(id: string, message: Received): Promise<Reply> {
    try {
      const { breaker, command } = checked(message);
      return { id, answer: await this.apply(breaker, command) };
    } catch (error) {
      return { id, error: describeThrown(error).message };
    }
  }

  #lineTo(worker: Worker): Line {
    const line = this.#lines.get(worker) ?? new Line(worker, `Worker ${worker.id}`);
    this.#lines.set(worker, line);
    return line;
  }

  #tell(change: Change): void {
    for (const worker of Object.values(cluster.workers ?? {})) {
      if (worker !== undefined) this.#lines.get(worker)?.send(marked({ change }), unheard);
    }
  }
}

/** @throws what is wrong with a command, in one error. */
function checked(message: Received): Omit<Request, 'id'> {
  if (message.version !== VERSION) {
    throw new Error(`The primary speaks version ${VERSION} of the messages of clusterStore, not ${String(message.version)}: have one version of breaker-box in all processes`);
  }
  const issues = problems(requestSchema, message);
  if (issues.length > 0) throw new ConfigurationError('A command of clusterStore', issues);
  return message as unknown as Request;
}

/** A worker that is gone, or stopped: it asks again when it is back, as after any message that is lost. */
const unheard = (): void => undefined;

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
