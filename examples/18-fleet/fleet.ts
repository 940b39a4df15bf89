import { fork, type ChildProcess, type Serializable } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Seen } from './settings';

/** Milliseconds between the calls of each process: some are busy, some are not. */
const INTERVALS_MS = [20, 30, 50, 100, 200, 400];

/** The processes of a service, all with the same dependency. */
export class Fleet implements AsyncDisposable {
  private constructor(private readonly workers: readonly ChildProcess[]) {}

  static async start(): Promise<Fleet> {
    const workers = INTERVALS_MS.map(() => fork(join(__dirname, 'worker.ts')));
    await Promise.all(workers.map(message));
    return new Fleet(workers);
  }

  /**
   * All call a dependency, each at its own pace.
   *
   * @param redisUrl - Where they share their breakers; none: each has its own.
   */
  async begin(url: string, redisUrl: string | undefined): Promise<void> {
    await this.#tell((worker) => ({ url, intervalMs: INTERVALS_MS[worker], redisUrl }));
  }

  /** Ends all calls, and asks what came of them. */
  async end(): Promise<Seen[]> {
    return (await this.#tell(() => 'over')) as Seen[];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const running = this.workers.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
    const exits = running.map((worker) => once(worker, 'exit'));
    for (const worker of running) worker.kill();
    await Promise.all(exits);
  }

  /** Tells each something, and gives what all answer. */
  #tell(what: (worker: number) => Serializable): Promise<unknown[]> {
    return Promise.all(
      this.workers.map((worker, n) => {
        const answer = message(worker);
        worker.send(what(n));
        return answer;
      }),
    );
  }
}

/** The next one; rejects when the process ends first. */
async function message(worker: ChildProcess): Promise<unknown> {
  const ended = new AbortController();
  const exit = once(worker, 'exit', { signal: ended.signal }).then(([code]) => {
    throw new Error(`a process of the fleet ended with ${code}`);
  });
  try {
    const [received] = (await Promise.race([once(worker, 'message', { signal: ended.signal }), exit])) as [unknown];
    return received;
  } finally {
    exit.catch(() => undefined);
    ended.abort();
  }
}
