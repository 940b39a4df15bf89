import { nothing } from '../../core/call-safely';
import { optional, options, problems } from '../../core/check';
import { having } from '../../core/options';
import { propertyOf } from '../../core/safe-inspect';
import { checkClient, type RedisLike } from './redis-like';

/** What is used of a client of valkey-glide 2: a `GlideClient` or `GlideClusterClient`. */
export interface GlideCommands {
  customCommand(words: string[], options: { decoder: typeof BYTES }): Promise<unknown>;
}

/** What is used of the client that subscribes. */
export interface GlideSubscriber {
  subscribe(channels: Iterable<string>, timeoutMs: number): Promise<unknown>;
  unsubscribeLazy(channels: Iterable<string>): Promise<unknown>;
  getPubSubMessage(): Promise<{ readonly channel: unknown; readonly message: unknown }>;
}

export interface GlideOptions {
  /**
   * A second client, for subscribing alone, made without a callback for messages and with `defaultDecoder: Decoder.Bytes`: with the decoder for text, a message
   * that is no UTF-8 ends the process. valkey-glide cannot make one of another. It is yours to close.
   * @defaultValue none: processes learn what others did when they poll
   */
  subscriber?: GlideSubscriber | undefined;
}

/** `Decoder.Bytes` of valkey-glide. */
const BYTES = 0;

/** How long valkey-glide may take to subscribe. */
const WITHIN_MS = 5000;

const glideSchema = options({
  subscriber: optional(having<GlideSubscriber>('a client of valkey-glide 2.3 or later', 'subscribe', 'unsubscribeLazy', 'getPubSubMessage')),
});

/**
 * A client of valkey-glide, for {@link redisStore}.
 *
 * @throws {@link ConfigurationError} when it is none, or an option is wrong.
 */
export function fromGlide(client: GlideCommands, given: GlideOptions = {}): RedisLike {
  const issues = problems(glideSchema, given);
  const received = propertyOf(given, 'subscriber');
  if (![undefined, BYTES].includes(propertyOf(received, 'defaultDecoder') as number | undefined)) {
    issues.push({ path: 'subscriber', message: 'must be made with defaultDecoder: Decoder.Bytes, or a message that is no UTF-8 ends the process', received });
  }
  checkClient('fromGlide', client, received === client && 'must be another client than the subscriber', issues);
  const { subscriber } = given;
  const send = async (command: string, script: string, keys: readonly string[], args: readonly string[]): Promise<unknown> =>
    client.customCommand([command, script, String(keys.length), ...keys, ...args], { decoder: BYTES });
  return {
    evalsha: (sha, keys, args) => send('EVALSHA', sha, keys, args),
    eval: (script, keys, args) => send('EVAL', script, keys, args),
    ...(subscriber && { subscribe: subscribeBy(subscriber) }),
  };
}

interface Reader {
  readonly channel: string;
  readonly listener: (message: string | Uint8Array) => void;
  readonly lost: (reason?: unknown) => void;
}

/**
 * valkey-glide hands out each message once, to whoever has asked first: so there is one who asks, for all subscriptions, also those to come.
 */
function subscribeBy(subscriber: GlideSubscriber): NonNullable<RedisLike['subscribe']> {
  const readers = new Set<Reader>();
  let isReading = false;
  const read = async (): Promise<never> => {
    for (;;) {
      const { channel, message } = await subscriber.getPubSubMessage();
      for (const reader of readers) if (reader.channel === String(channel)) reader.listener(message as string | Uint8Array);
    }
  };
  const drop = (those: Iterable<Reader>, reason: unknown): void => {
    // Its owner has closed it.
    const isClosed = propertyOf(reason, 'name') === 'ClosingError';
    for (const { lost } of those) lost(isClosed ? undefined : reason);
  };
  return (channel, listener, lost) => {
    const reader = { channel, listener, lost };
    readers.add(reader);
    subscriber.subscribe([channel], WITHIN_MS).catch((reason: unknown) => drop([reader], reason));
    if (!isReading) {
      isReading = true;
      read().catch((reason: unknown) => {
        isReading = false;
        drop(readers, reason);
      });
    }
    return () => {
      readers.delete(reader);
      if (![...readers].some((other) => other.channel === channel)) subscriber.unsubscribeLazy([channel]).catch(nothing);
    };
  };
}
