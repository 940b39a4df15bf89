import cluster, { type Worker } from 'node:cluster';
import { randomUUID } from 'node:crypto';
import { callSafely, nothing } from '../../core/call-safely';
import { resolve as checked, type Check } from '../../core/check';
import { systemClock } from '../../core/clock';
import { ConfigurationError } from '../../core/errors';
import { asText } from '../../core/safe-inspect';
import { startTimer } from '../../core/timer';
import type { Expected, FleetStore, Reading, Stored, Written } from '../store';
import { Line } from './line';
import { marked, received, type Received } from './messages';
import { ANSWERS, type OperationName } from './operations';

/** Who listens to the primary no longer waits for it then. */
const ANSWER_WITHIN_MS = 5000;

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

class ClusterStore implements FleetStore {
  readonly #line: Line;
  readonly #waiting = new Map<string, Waiting>();
  readonly #listeners = new Set<{ listener: (message: string) => void }>();
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

  read(names: readonly string[]): Promise<Reading> {
    return this.#ask('read', { names }, ANSWERS.read);
  }

  async compareAndSet(name: string, expected: Expected, next: Stored | undefined, lastsMs: number): Promise<Written> {
    const { stored, ...written } = await this.#ask('compareAndSet', { name, expected, next, lastsMs }, ANSWERS.compareAndSet);
    return { ...written, stored };
  }

  async announce(process: string, value: string, lastsMs: number): Promise<void> {
    await this.#ask('announce', { process, value, lastsMs }, () => undefined);
  }

  async members(): Promise<ReadonlyMap<string, string>> {
    return new Map(await this.#ask('members', {}, ANSWERS.members));
  }

  subscribe(listener: (message: string) => void): () => void {
    const entry = { listener };
    this.#listeners.add(entry);
    // The primary tells those who have asked it for something.
    this.members().catch(nothing);
    return () => {
      this.#listeners.delete(entry);
    };
  }

  async #ask<A>(operation: OperationName, asked: object, answered: Check<A>): Promise<A> {
    const id = `${this.#name}:${++this.#sent}`;
    const giveUp = startTimer(systemClock, ANSWER_WITHIN_MS, () => {
      this.#waiting.get(id)?.reject(new Error(`The primary has not answered within ${ANSWER_WITHIN_MS} ms: has it called clusterPrimary()?`));
    });
    try {
      const answer = await new Promise<unknown>((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject });
        this.#line.send(marked({ id, operation, asked }), reject);
      });
      return checked(answered, answer, 'An answer of clusterPrimary');
    } finally {
      giveUp();
      this.#waiting.delete(id);
    }
  }

  #hear({ id, answer, error, written }: Received): void {
    if (typeof written === 'string') {
      for (const { listener } of this.#listeners) void callSafely('A subscriber of a fleet store', listener, written);
    }
    const waiting = typeof id === 'string' ? this.#waiting.get(id) : undefined;
    if (error === undefined) waiting?.resolve(answer);
    else waiting?.reject(new Error(asText(error)));
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
