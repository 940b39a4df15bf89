import { nothing } from '../../core/call-safely';
import { propertyOf } from '../../core/safe-inspect';
import { checkClient, type RedisLike } from './redis-like';

interface Emitter {
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  off(event: string, listener: (...args: unknown[]) => void): unknown;
}

interface Subscribes {
  subscribe(channel: string, listener: (message: Uint8Array) => void, asBytes: true): Promise<unknown>;
  unsubscribe(channel: string): Promise<unknown>;
}

/** What is used of a client of node-redis 4 or later: of `createClient`, `createCluster` or `createSentinel`. */
export interface NodeRedisClient extends Emitter, Subscribes {
  evalSha(sha: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  /** A sentinel client of version 5 has none, and subscribes by a connection of its own. */
  duplicate?(override?: object): NodeRedisSubscriber;
}

/** Version 4 closes at once by `disconnect`, later ones by `destroy`. */
export type NodeRedisSubscriber = Emitter & Subscribes & { connect(): Promise<unknown> } & ({ destroy(): unknown } | { disconnect(): unknown });

/**
 * A client of node-redis, for {@link redisStore}. It must have a listener for `error`, as node-redis asks of every client, and `connect` must have been
 * called, which need not be awaited.
 *
 * @throws {@link ConfigurationError} when it is none.
 */
export function fromNodeRedis(client: NodeRedisClient): RedisLike {
  checkClient('fromNodeRedis', client, isCluster(client) && !('destroy' in client) && 'must be of node-redis 5 or later for a cluster: version 4 sends scripts to any node');
  return {
    evalsha: async (sha, keys, args) => client.evalSha(sha, { keys: [...keys], arguments: [...args] }),
    eval: async (script, keys, args) => client.eval(script, { keys: [...keys], arguments: [...args] }),
    subscribe(channel, listener, lost) {
      // A copy of a cluster client must not wait for nodes that are down.
      const copy = client.duplicate?.(isCluster(client) ? { minimizeConnections: true } : undefined);
      const over = (): void => lost();
      // A copy has no listeners, and an error without one ends the process. It would connect again by itself, but not always subscribe: a
      // connection that is lost while it subscribes stays without. So a new one is made. An error of a cluster is that of any node.
      copy?.on('error', isCluster(client) ? nothing : over);
      copy?.on('end', over);
      client.on('end', over);
      const subscribe = async (): Promise<void> => {
        await copy?.connect();
        await (copy ?? client).subscribe(channel, listener, true);
      };
      subscribe().catch(lost);
      return () => {
        client.off('end', over);
        if (copy === undefined) return client.unsubscribe(channel);
        return 'destroy' in copy ? copy.destroy() : copy.disconnect();
      };
    },
  };
}

function isCluster(given: unknown): boolean {
  return propertyOf(given, 'masters') !== undefined;
}
