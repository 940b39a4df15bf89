import { propertyOf } from '../../core/safe-inspect';
import type { Subscription } from './redis-like';

/** What is used of the client that subscribes. */
export interface GlideSubscriber {
  subscribe(channels: Iterable<string>, timeoutMs: number): Promise<unknown>;
  unsubscribeLazy(channels: Iterable<string>): Promise<unknown>;
  getPubSubMessage(): Promise<{ readonly channel: unknown; readonly message: unknown }>;
}

interface Reader {
  readonly channel: string;
  readonly listener: (message: string | Uint8Array) => void;
  readonly lost: (reason?: unknown) => void;
}

/** How long valkey-glide may take to subscribe. */
const WITHIN_MS = 5000;

/**
 * The messages of a client of valkey-glide, which hands out each once, to whoever has asked first: so there is one who asks, for all
 * subscriptions, also those to come. Its connection needs no pings: valkey-glide looks after it.
 */
export class GlideInbox {
  readonly #readers = new Set<Reader>();
  #isReading = false;

  constructor(private readonly client: GlideSubscriber) {}

  subscribe(channel: string, listener: Reader['listener'], lost: Reader['lost']): Subscription {
    const reader = { channel, listener, lost };
    this.#readers.add(reader);
    this.client.subscribe([channel], WITHIN_MS).catch((reason: unknown) => this.#drop(reader, reason));
    if (!this.#isReading) this.#read().catch((reason: unknown) => this.#dropAll(reason));
    return {
      end: () => {
        this.#readers.delete(reader);
        if (![...this.#readers].some((other) => other.channel === channel)) this.client.unsubscribeLazy([channel]).catch(() => undefined);
      },
    };
  }

  async #read(): Promise<void> {
    this.#isReading = true;
    for (;;) {
      const { channel, message } = await this.client.getPubSubMessage();
      for (const reader of this.#readers) if (reader.channel === String(channel)) reader.listener(message as string | Uint8Array);
    }
  }

  #dropAll(reason: unknown): void {
    this.#isReading = false;
    for (const reader of this.#readers) this.#drop(reader, reason);
  }

  #drop(reader: Reader, reason: unknown): void {
    if (!this.#readers.delete(reader)) return;
    // Its owner has closed it.
    reader.lost(propertyOf(reason, 'name') === 'ClosingError' ? undefined : reason);
  }
}
