import cluster, { type Worker } from 'node:cluster';
import { randomUUID } from 'node:crypto';
import { nothing } from '../../core/call-safely';
import { fields, list, optional, resolve, when, type Check, type Entries, type Options } from '../../core/check';
import { systemClock } from '../../core/clock';
import { ConfigurationError } from '../../core/errors';
import { describeThrown } from '../../core/safe-inspect';
import { MemoryStore } from '../memory-store';
import type { FleetStore } from '../store';
import { Channel, received, VERSION, type Message } from './channel';

const shape = <E extends Entries>(entries: E): Check<Options<E>> => fields(entries, 'must be an object');
const shorterThan = (longest: number): Check<string> =>
  when((given) => typeof given === 'string' && given.length <= longest, `must be a string of at most ${longest} characters`);
const name = shorterThan(200);
const revision = shorterThan(100);
const value = shorterThan(100_000);
const number = when<number>(Number.isFinite, 'must be a finite number');

/** A function of the store. Its arguments are checked before it runs: all workers would live with what a wrong one leaves in a record. */
function operation<E extends Entries>(entries: E, carryOut: (store: FleetStore, asked: Options<E>) => Promise<unknown>) {
  const check = shape(entries);
  return (store: FleetStore, given: unknown): Promise<unknown> => carryOut(store, resolve(check, given, 'A message of clusterStore'));
}

/** The functions of the store that a worker may call. */
const OPERATIONS = {
  read: operation({ names: list(name, 'must be a list') }, (store, { names }) => store.read(names)),
  compareAndSet: operation(
    { name, expected: shape({ revision, server: revision, notAfter: number }), next: optional(shape({ revision, value })), lastsMs: number },
    (store, asked) => store.compareAndSet(asked.name, asked.expected, asked.next, asked.lastsMs),
  ),
  announce: operation({ process: name, value, lastsMs: number }, (store, asked) => store.announce(asked.process, asked.value, asked.lastsMs)),
  members: operation({}, async (store) => [...(await store.members())]),
};

export type OperationName = keyof typeof OPERATIONS;

/** The store that the primary of `node:cluster` keeps for its workers; a {@link FleetStore} for the primary itself. */
export class ClusterPrimary extends MemoryStore {
  /** Of workers that have asked for something. Others are told nothing. */
  readonly #channels = new WeakMap<Worker, Channel>();
  readonly #silence: () => void;

  /** @internal Made by {@link clusterPrimary}. */
  constructor() {
    // Another one, after a stop, has nothing of what this one had.
    super(systemClock, randomUUID());
    cluster.on('message', this.#hear);
    this.#silence = this.subscribe((written) => {
      for (const worker of Object.values(cluster.workers ?? {})) if (worker !== undefined) this.#channels.get(worker)?.send({ written }, nothing);
    });
  }

  /** Answers workers no more. Each goes on with its own breakers then; what they share is forgotten. */
  stop(): void {
    cluster.off('message', this.#hear);
    this.#silence();
    if (running === this) running = undefined;
  }

  readonly #hear = (worker: Worker, message: unknown): void => {
    const asked = received(message);
    if (typeof asked?.id !== 'string') return;
    const channel = this.#channels.get(worker) ?? new Channel(worker, `Worker ${worker.id}`);
    this.#channels.set(worker, channel);
    // A worker that is gone, or stopped, asks again when it is back, as after any message that is lost.
    void this.#answer(asked).then((answer) => channel.send({ id: asked.id, ...answer }, nothing));
  };

  async #answer({ version, operation: wanted, asked }: NonNullable<ReturnType<typeof received>>): Promise<Message> {
    try {
      if (version !== VERSION) throw new Error(`The primary speaks version ${VERSION} of the messages of clusterStore, not ${String(version)}: have one version of breaker-box in all processes`);
      if (!Object.hasOwn(OPERATIONS, String(wanted))) throw new Error('clusterStore has no such operation');
      return { answer: await OPERATIONS[wanted as OperationName](this, asked) };
    } catch (error) {
      return { error: describeThrown(error).message };
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
