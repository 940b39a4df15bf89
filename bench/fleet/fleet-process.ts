import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { BreakerState } from 'breaker-box';
import type { SharingStats } from 'breaker-box/redis';
import type { News, Order, Setup, Transition } from './messages';

/** Longer than anything that works takes on a loaded machine. */
const PATIENCE_MS = 60_000;

/** One process of a fleet, as the benchmark has it in hand. */
export class FleetProcess {
  /** Why it has lost the store, each time: then it goes on by itself, and figures say nothing of sharing. */
  readonly losses: string[] = [];
  /** What its breaker has turned to last. */
  state: BreakerState = 'closed';
  readonly #waiting = new Set<(news: News) => void>();
  readonly #child: ChildProcess;

  private constructor(redisUrl: string, setup: Setup) {
    this.#child = fork(join(__dirname, 'worker.ts'), [redisUrl, JSON.stringify(setup)]);
    this.#child.on('message', (news: News) => {
      if (news.kind === 'lost') this.losses.push(news.why);
      if (news.kind === 'transition') this.state = news.to;
      for (const heard of this.#waiting) heard(news);
    });
  }

  static async start(redisUrl: string, setup: Setup): Promise<FleetProcess> {
    const started = new FleetProcess(redisUrl, setup);
    await started.#next((news) => news.kind === 'ready');
    return started;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Carries out an order. */
  async order(order: Order): Promise<SharingStats & { readonly cpuMs: number }> {
    const done = this.#next((news) => news.kind === 'done');
    this.#child.send(order);
    const { stats, cpuMs } = (await done) as News & { kind: 'done' };
    return { ...stats, cpuMs };
  }

  /** The next transition of a breaker to this state. */
  async turned(to: BreakerState): Promise<Transition> {
    return (await this.#next((news) => news.kind === 'transition' && news.to === to)) as Transition;
  }

  /** Ends it without a word, as a crash does. */
  async kill(): Promise<void> {
    if (!this.isRunning) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exit;
  }

  #next(isMeant: (news: News) => boolean): Promise<News> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(patience);
        this.#waiting.delete(heard);
        this.#child.off('exit', ended);
      };
      const heard = (news: News): void => {
        if (!isMeant(news)) return;
        settle();
        resolve(news);
      };
      const fail = (why: string): void => {
        settle();
        reject(new Error(`a process of the fleet ${why}`));
      };
      const ended = (): void => fail('has ended');
      const patience = setTimeout(() => fail(`did not tell what was waited for: ${isMeant.toString()}`), PATIENCE_MS);
      this.#waiting.add(heard);
      this.#child.once('exit', ended);
    });
  }
}
