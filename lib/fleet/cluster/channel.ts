import type { Worker } from 'node:cluster';
import { isRecord } from '../../core/check';

/** Of what the processes of a cluster say to each other about shared breakers. */
export const VERSION = 2;

/** Tells our messages, with their version, from all that go over the same channel. */
const MARK = 'breakerBoxStore';

/** A worker sends `id`, `operation` and `asked`, the primary `id` and `answer` or `error`, and `written` to all workers that have asked for something. */
export interface Message {
  readonly id?: unknown;
  readonly operation?: unknown;
  readonly asked?: unknown;
  readonly answer?: unknown;
  readonly error?: unknown;
  readonly written?: unknown;
}

/** A message of ours, of whatever version; undefined for what others send each other. */
export function received(message: unknown): (Message & { readonly version: unknown }) | undefined {
  return isRecord(message) && MARK in message ? { ...message, version: message[MARK] } : undefined;
}

/**
 * Sends over the IPC channel of a worker, from either end, as long as the other end reads. What a process that has stopped does
 * not read would pile up in the memory of this one.
 */
export class Channel {
  #isFull = false;

  /** @param to - Who is at the other end, for messages. */
  constructor(
    private readonly worker: Worker,
    private readonly to: string,
  ) {}

  /** @param onFailure - Called at most once, now or later: the message will not arrive. */
  send(message: Message, onFailure: (error: Error) => void): void {
    const problem = !this.worker.isConnected() ? 'is not connected' : this.#isFull ? 'does not read what it is sent' : undefined;
    if (problem !== undefined) {
      onFailure(new Error(`${this.to} ${problem}`));
      return;
    }
    let fills = false;
    fills = !this.worker.send({ [MARK]: VERSION, ...message }, (error) => {
      // All that was sent before has been written as well.
      if (fills) this.#isFull = false;
      if (error !== null) onFailure(error);
    });
    if (fills) this.#isFull = true;
  }
}
