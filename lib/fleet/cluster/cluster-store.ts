import cluster, { type Worker } from 'node:cluster';
import { randomUUID } from 'node:crypto';
import { systemClock } from '../../core/clock';
import { callSafely } from '../../core/call-safely';
import { ConfigurationError } from '../../core/errors';
import { isRecord } from '../../core/options';
import { asText } from '../../core/safe-inspect';
import { startTimer } from '../../core/timer';
import type { Answer, Command, SharedStore } from '../shared-store';
import { Line } from './line';
import { marked, received, type Received } from './messages';

/** Who listens to the primary no longer waits for it then. */
const ANSWER_WITHIN_MS = 5000;

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

class ClusterStore implements SharedStore {
  readonly #line: Line;
  readonly #waiting = new Map<string, Waiting>();
  readonly #listeners = new Set<{ listener: (change: unknown) => void }>();
  /** Of its own in each store: a worker may have several, also of several copies of the package. */
  readonly #name = randomUUID();
  #sent = 0;

  constructor(worker: Worker) {
    this.#line = new Line(worker, 'The primary');
    worker.on('message', (message: unknown) => {
      const ours = received(message);
      if (ours !== undefined) this.#hear(ours);
    });
    worker.on('disconnect', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('The primary is not connected any more'));
    });
  }

  async apply(breaker: string, command: Command): Promise<Answer> {
    const id = `${this.#name}:${++this.#sent}`;
    const giveUp = startTimer(systemClock, ANSWER_WITHIN_MS, () => {
      this.#waiting.get(id)?.reject(new Error(`The primary has not answered within ${ANSWER_WITHIN_MS} ms: has it called clusterPrimary()?`));
    });
    try {
      return await new Promise<Answer>((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject });
        this.#line.send(marked({ id, breaker, command }), reject);
      });
    } finally {
      giveUp();
      this.#waiting.delete(id);
    }
  }

  subscribe(listener: (change: unknown) => void): () => void {
    const entry = { listener };
    this.#listeners.add(entry);
    // Where it does not arrive, changes are not told before the first command.
    this.#line.send(marked({ hello: true }), () => undefined);
    return () => {
      this.#listeners.delete(entry);
    };
  }

  #hear({ id, answer, error, change }: Received): void {
    if (change !== undefined) {
      for (const { listener } of this.#listeners) void callSafely('A subscriber of a shared store', listener, change);
    }
    const waiting = typeof id === 'string' ? this.#waiting.get(id) : undefined;
    if (isRecord(answer)) waiting?.resolve(answer as unknown as Answer);
    else waiting?.reject(new Error(error === undefined ? 'The primary has sent something else than an answer' : asText(error)));
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
export function clusterStore(): SharedStore {
  const { worker } = cluster;
  if (worker !== undefined) return new ClusterStore(worker);
  const message = 'must be a worker of node:cluster; its primary takes clusterPrimary(), which is a store itself';
  throw new ConfigurationError('clusterStore', [{ path: 'process', message, received: 'no worker' }]);
}
