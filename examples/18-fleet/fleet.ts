import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Seen } from './settings';

/** Milliseconds between the calls of each process: some are busy, some are not. */
const INTERVALS_MS = [20, 30, 50, 100, 200, 400];

/** The processes of a service, all with the same dependency. */
export class Fleet implements AsyncDisposable {
  private constructor(private readonly workers: readonly ChildProcess[]) {}

  /** @param redisUrl - Where they share their breakers; none: each has its own. */
  static async start(dependencyUrl: string, redisUrl: string | undefined): Promise<Fleet> {
    const workers = INTERVALS_MS.map((intervalMs) => {
      return fork(join(__dirname, 'worker.ts'), [dependencyUrl, String(intervalMs), ...(redisUrl === undefined ? [] : [redisUrl])]);
    });
    const fleet = new Fleet(workers);
    await Promise.all(workers.map(message));
    return fleet;
  }

  /** Ends all calls, and asks what came of them. */
  async report(): Promise<Seen[]> {
    const reports = this.workers.map(message);
    for (const worker of this.workers) worker.send('report');
    return (await Promise.all(reports)) as Seen[];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const running = this.workers.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
    const exits = running.map((worker) => once(worker, 'exit'));
    for (const worker of running) worker.kill();
    await Promise.all(exits);
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
