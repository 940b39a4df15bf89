import { ConfigurationError } from '../../core/errors';
import { optional, options, problems, resolve } from '../../core/check';
import { having } from '../../core/options';
import { propertyOf } from '../../core/safe-inspect';
import { misfit } from './client-kind';
import { GlideInbox, type GlideSubscriber } from './glide-inbox';
import type { RedisLike } from './redis-like';

/** What is used of a client of valkey-glide 2: a `GlideClient` or `GlideClusterClient`. */
export interface GlideCommands {
  customCommand(words: string[]): Promise<unknown>;
}

export interface GlideOptions {
  /**
   * A second client, for subscribing alone, made without a callback for messages; valkey-glide cannot make one of another. It is yours to close.
   * @defaultValue none: processes learn what others did when they poll
   */
  subscriber?: GlideSubscriber | undefined;
}

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
  const problem = misfit(client, 'fromGlide') ?? (propertyOf(given, 'subscriber') === client ? 'must be another client than the subscriber' : undefined);
  if (problem !== undefined) issues.unshift({ path: 'client', message: problem, received: client });
  if (issues.length > 0) throw new ConfigurationError('fromGlide', issues);
  const { subscriber } = resolve(glideSchema, given, 'fromGlide');
  const inbox = subscriber && new GlideInbox(subscriber);
  const send = async (command: string, script: string, keys: readonly string[], args: readonly string[]): Promise<unknown> =>
    client.customCommand([command, script, String(keys.length), ...keys, ...args]);
  return {
    evalsha: (sha, keys, args) => send('EVALSHA', sha, keys, args),
    eval: (script, keys, args) => send('EVAL', script, keys, args),
    subscribe: (channel, listener, lost) => inbox?.subscribe(channel, listener, lost) ?? (() => undefined),
  };
}
