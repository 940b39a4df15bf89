import { ConfigurationError } from '../../core/errors';
import { optional, options, problems, resolve } from '../../core/check';
import { having } from '../../core/options';
import { propertyOf } from '../../core/safe-inspect';
import { misfit } from './client-kind';
import { GlideInbox, type GlideSubscriber } from './glide-inbox';
import type { RedisLike } from './redis-like';

/** What is used of a client of valkey-glide 2: a `GlideClient` or `GlideClusterClient`. */
export interface GlideCommands {
  customCommand(words: string[], options: { decoder: typeof BYTES }): Promise<unknown>;
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
  const subscriberGiven = propertyOf(given, 'subscriber');
  const problem = misfit(client, 'fromGlide') ?? (subscriberGiven === client ? 'must be another client than the subscriber' : undefined);
  if (problem !== undefined) issues.unshift({ path: 'client', message: problem, received: client });
  const decoder = propertyOf(subscriberGiven, 'defaultDecoder');
  if (decoder !== undefined && decoder !== BYTES) {
    issues.push({ path: 'subscriber', message: 'must be made with defaultDecoder: Decoder.Bytes, or a message that is no UTF-8 ends the process', received: subscriberGiven });
  }
  if (issues.length > 0) throw new ConfigurationError('fromGlide', issues);
  const { subscriber } = resolve(glideSchema, given, 'fromGlide');
  const send = async (command: string, script: string, keys: readonly string[], args: readonly string[]): Promise<unknown> =>
    client.customCommand([command, script, String(keys.length), ...keys, ...args], { decoder: BYTES });
  const inbox = subscriber && new GlideInbox(subscriber);
  return {
    evalsha: (sha, keys, args) => send('EVALSHA', sha, keys, args),
    eval: (script, keys, args) => send('EVAL', script, keys, args),
    ...(inbox && { subscribe: (channel, listener, lost) => inbox.subscribe(channel, listener, lost) }),
  };
}
