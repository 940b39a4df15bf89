import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Expected, Reading, Stored, Written } from '../../../../lib/fleet';
import { programOf } from '../../../support/programs';
import type { Done, Task } from './worker';

/** A real worker of this process, and what it can be asked to do. */
export class TestWorker {
  #asked = 0;

  private constructor(readonly worker: Worker) {
    worker.setMaxListeners(0); // one for each task under way
  }

  static async fork(): Promise<TestWorker> {
    cluster.setupPrimary({ exec: programOf('cluster-worker'), execArgv: [], args: [], silent: true });
    const worker = cluster.fork();
    worker.process.stderr!.pipe(process.stderr);
    await once(worker, 'message');
    return new TestWorker(worker);
  }

  async do(task: Task): Promise<unknown> {
    const n = ++this.#asked;
    const done = new Promise<Done>((resolve) => {
      const listen = (message: Partial<Done>): void => {
        if (message.done !== n) return;
        this.worker.off('message', listen);
        resolve(message as Done);
      };
      this.worker.on('message', listen);
    });
    this.worker.send({ task, n });
    const end = await done;
    if ('failure' in end) throw new Error(end.failure);
    return end.result;
  }

  read(name: string): Promise<Reading> {
    return this.do({ kind: 'read', name }) as Promise<Reading>;
  }

  compareAndSet(name: string, expected: Expected, next: Stored | undefined): Promise<Written> {
    return this.do({ kind: 'write', name, expected, next: next! }) as Promise<Written>;
  }

  /** Sends what a store of the worker would not. */
  send(message: object): void {
    this.worker.send(message);
  }

  /** All that it has written to its standard output by its end. */
  async outputAtItsEnd(): Promise<string> {
    let text = '';
    for await (const chunk of this.worker.process.stdout!) text += String(chunk);
    return text;
  }

  async end(): Promise<void> {
    if (this.worker.isDead()) return;
    const exited = once(this.worker, 'exit');
    this.worker.process.kill('SIGKILL');
    await exited;
  }
}

/** Asks until the answer is the one: what is told by a message of its own has no moment at which it must have arrived. */
export async function eventually<T>(ask: () => T | Promise<T>, holds: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (holds(answer)) return answer;
    await sleep(5);
  }
}
