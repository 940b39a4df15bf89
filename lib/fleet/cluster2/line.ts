import type { Worker } from 'node:cluster';

/**
 * Sends over the IPC channel of a worker, from either end, as long as the other end reads. What a process that has stopped does
 * not read would pile up in the memory of this one.
 */
export class Line {
  #isFull = false;

  /** @param to - Who is at the other end, for messages. */
  constructor(
    private readonly worker: Worker,
    private readonly to: string,
  ) {}

  /** @param onFailure - Called at most once, now or later: the message will not arrive. */
  send(message: object, onFailure: (error: Error) => void): void {
    if (!this.worker.isConnected()) {
      onFailure(new Error(`${this.to} is not connected`));
    } else if (this.#isFull) {
      onFailure(new Error(`${this.to} does not read what it is sent`));
    } else {
      this.#write(message, onFailure);
    }
  }

  #write(message: object, onFailure: (error: Error) => void): void {
    let fills = false;
    fills = !this.worker.send(message, (error) => {
      // All that was sent before has been written as well.
      if (fills) this.#isFull = false;
      if (error !== null) onFailure(error);
    });
    if (fills) this.#isFull = true;
  }
}
