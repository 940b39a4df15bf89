import { nothing } from '../../core/call-safely';
import { checkClient, type RedisLike } from './redis-like';

interface IoredisCommands {
  evalsha(sha: string, keyCount: number, ...keysAndArgs: string[]): Promise<unknown>;
  eval(script: string, keyCount: number, ...keysAndArgs: string[]): Promise<unknown>;
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  off(event: string, listener: (...args: unknown[]) => void): unknown;
}

/** What is used of a client of ioredis 5 or later, or of iovalkey: of `new Redis` or `new Cluster`. */
export type IoredisClient = IoredisCommands & (
  | { duplicate(override?: object): IoredisSubscriber }
  | { readonly isCluster: boolean; duplicate(startupNodes?: never[], override?: object): IoredisSubscriber }
);

export interface IoredisSubscriber {
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  subscribe(channel: string): Promise<unknown>;
  disconnect(): unknown;
}

/**
 * A client of ioredis or iovalkey, for {@link redisStore}.
 *
 * @throws {@link ConfigurationError} when it is none.
 */
export function fromIoredis(client: IoredisClient): RedisLike {
  checkClient('fromIoredis', client);
  return {
    evalsha: async (sha, keys, args) => client.evalsha(sha, keys.length, ...keys, ...args),
    eval: async (script, keys, args) => client.eval(script, keys.length, ...keys, ...args),
    subscribe(channel, listener, lost) {
      const subscriber = copyOf(client);
      const over = (): void => lost();
      // Without a listener it would be written to the console. It connects again by itself.
      subscriber.on('error', nothing);
      subscriber.on('messageBuffer', (from, message) => {
        if (String(from) === channel) listener(message as Uint8Array);
      });
      subscriber.on('end', over);
      client.on('end', over);
      (async () => subscriber.subscribe(channel))().catch(lost);
      return () => {
        client.off('end', over);
        subscriber.disconnect();
      };
    },
  };
}

/** Also where the user's client would not connect by itself, or prefixes keys, which would be those of channels as well. */
const IN_CLUSTER = { lazyConnect: false, enableOfflineQueue: true, keyPrefix: '' };
const FOR_SUBSCRIBING = { ...IN_CLUSTER, autoResubscribe: true, maxRetriesPerRequest: null };

function copyOf(client: IoredisClient): IoredisSubscriber {
  return 'isCluster' in client && client.isCluster ? client.duplicate([], IN_CLUSTER) : (client.duplicate as (override: object) => IoredisSubscriber)(FOR_SUBSCRIBING);
}
