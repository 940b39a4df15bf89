import { nothing } from '../../core/call-safely';
import { ConfigurationError } from '../../core/errors';
import { misfit } from './client-kind';
import type { RedisLike } from './redis-like';
import { subscriberLife } from './subscriber';

/** What is used of a client of node-redis 4 or later: of `createClient`, `createCluster` or `createSentinel`. */
export interface NodeRedisClient {
  evalSha(sha: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  duplicate(): NodeRedisSubscriber;
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  off(event: string, listener: (...args: unknown[]) => void): unknown;
}

interface NodeRedisConnection {
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  connect(): Promise<unknown>;
  subscribe(channel: string, listener: (message: Uint8Array) => void, asBytes: true): Promise<unknown>;
  unsubscribe(channel: string): Promise<unknown>;
}

/** Version 4 closes at once by `disconnect`, later ones by `destroy`. */
export type NodeRedisSubscriber = NodeRedisConnection & ({ destroy(): unknown } | { disconnect(): unknown });

/**
 * A client of node-redis, for {@link redisStore}. It must have a listener for `error`, as node-redis asks of every client, and `connect` must have been
 * called, which need not be awaited.
 *
 * @throws {@link ConfigurationError} when it is none.
 */
export function fromNodeRedis(client: NodeRedisClient): RedisLike {
  const problem = misfit(client, 'fromNodeRedis');
  if (problem !== undefined) throw new ConfigurationError('fromNodeRedis', [{ path: 'client', message: problem, received: client }]);
  const optionsOf = (keys: readonly string[], args: readonly string[]) => ({ keys: [...keys], arguments: [...args] });
  return {
    evalsha: async (sha, keys, args) => client.evalSha(sha, optionsOf(keys, args)),
    eval: async (script, keys, args) => client.eval(script, optionsOf(keys, args)),
    subscribe(channel, listener, lost) {
      const subscriber = client.duplicate();
      const { end, fail } = subscriberLife(client, () => ('destroy' in subscriber ? subscriber.destroy() : subscriber.disconnect()), lost);
      // A copy has no listeners, and an error without one ends the process. It would connect again by itself, but not always subscribe: a
      // connection that is lost while it subscribes stays without. So a new one is made.
      subscriber.on('error', () => fail());
      subscriber.on('end', () => fail());
      subscriber.connect().then(() => subscriber.subscribe(channel, listener, true)).catch(fail);
      // Neither a cluster nor a sentinel has a PING for the connection that subscribes. They may do without an answer where the channel is subscribed already.
      const another = `${channel}:ping`;
      const ping = async (): Promise<unknown> => subscriber.subscribe(another, nothing, true).then(() => subscriber.unsubscribe(another));
      return { end, ping };
    },
  };
}
