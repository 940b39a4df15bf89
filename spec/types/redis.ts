/** The clients' own types fit the adapters, however they were made. */
import { GlideClient, GlideClusterClient } from '@valkey/valkey-glide';
import { expectTypeOf } from 'expect-type';
import { Cluster, Redis } from 'ioredis';
import { createClient, createClientPool, createCluster, createSentinel } from 'redis';
import { createClient as createClient4, createCluster as createCluster4 } from 'redis-4';
import { fromGlide, fromIoredis, fromNodeRedis, redisStore, type RedisLike, type FleetStore } from '../../lib/fleet/redis';

expectTypeOf(fromNodeRedis(createClient())).toEqualTypeOf<RedisLike>();
fromNodeRedis(createClient({ RESP: 2, url: 'redis://localhost', disableOfflineQueue: true }));
fromNodeRedis(createClient({ RESP: 3, commandOptions: { typeMapping: { 36: Buffer } } }));
fromNodeRedis(createClient({ scripts: {}, functions: {}, modules: {} }));
fromNodeRedis(createCluster({ rootNodes: [{ url: 'redis://localhost' }] }));
fromNodeRedis(createSentinel({ name: 'primary', sentinelRootNodes: [{ host: 'localhost', port: 26379 }] }));
fromNodeRedis(createClient4());
fromNodeRedis(createCluster4({ rootNodes: [] }));
// @ts-expect-error - a pool cannot subscribe
fromNodeRedis(createClientPool());

fromIoredis(new Redis());
fromIoredis(new Redis(6380, { keyPrefix: 'app:', lazyConnect: true }));
fromIoredis(new Cluster([{ port: 7000 }]));

export async function glide(): Promise<FleetStore> {
  const client = await GlideClient.createClient({ addresses: [{ host: 'localhost' }] });
  const cluster = await GlideClusterClient.createClient({ addresses: [{ host: 'localhost' }] });
  fromGlide(client);
  return redisStore(fromGlide(cluster, { subscriber: cluster }), { prefix: 'app' });
}

// @ts-expect-error - the client must go through its adapter
redisStore(createClient());
// @ts-expect-error - another package's client
fromNodeRedis(new Redis());
// @ts-expect-error - another package's client
fromIoredis(createClient());
