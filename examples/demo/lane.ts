import { setTimeout as sleep } from 'node:timers/promises';
import { CircuitOpenError } from 'breaker-box';

/** How long a worker rests after a rejection: without a rest it would spin, as a rejection costs next to nothing. */
const REST_MS = 300;

/** Works on what is pushed, a few items at a time. What fails goes back to the end of the line. */
export class Lane<T> {
  readonly #waiting: T[] = [];
  #running = 0;

  constructor(
    private readonly workers: number,
    private readonly work: (item: T) => Promise<void>,
    private readonly signal: AbortSignal,
  ) {}

  push(item: T): void {
    this.#waiting.push(item);
    this.#startWorkers();
  }

  #startWorkers(): void {
    while (this.#running < this.workers && !this.signal.aborted) {
      const item = this.#waiting.shift();
      if (item === undefined) return;
      void this.#run(item);
    }
  }

  async #run(item: T): Promise<void> {
    this.#running += 1;
    try {
      await this.work(item);
    } catch (error) {
      if (error instanceof CircuitOpenError) await sleep(REST_MS);
      this.#waiting.push(item);
    } finally {
      this.#running -= 1;
      this.#startWorkers();
    }
  }
}
