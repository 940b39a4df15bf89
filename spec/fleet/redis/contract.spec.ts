import { GlideClient, GlideClusterClient } from '@valkey/valkey-glide';
import { Cluster, Redis } from 'ioredis';
import { createClient, createCluster } from 'redis';
import { createClient as createClient4 } from 'redis-4';
import { fromGlide, fromIoredis, fromNodeRedis, redisStore, storeContract, type RedisLike } from '../../../lib/fleet/redis';
import { describeWithRedis, RedisCluster, RedisServer } from '../../support/redis-server';
import '../../support/real-work';

interface Connection {
  readonly redis: RedisLike;
  close(): unknown;
}

/** Every client, on one server and on a cluster. */
function itKeepsTheContract(client: string, connect: () => Promise<Connection>): void {
  describe(client, () => {
    let connection: Connection;
    const runs = new Map<string, Promise<void>>();

    // All at once: most of what they do is to wait.
    beforeAll(async () => {
      connection = await connect();
      const store = redisStore(connection.redis, { prefix: 'contract' });
      for (const { name, run } of storeContract) runs.set(name, run({ store }));
      await Promise.allSettled(runs.values());
    });
    afterAll(() => connection.close());

    it.each(storeContract)('$name', ({ name }) => runs.get(name));
  });
}

describeWithRedis('redisStore, on one server, keeps the contract by', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(() => server.stop());

  itKeepsTheContract('node-redis', async () => {
    const client = createClient({ url: server.url });
    await client.connect();
    return { redis: fromNodeRedis(client), close: () => client.close() };
  });

  itKeepsTheContract('node-redis 4', async () => {
    const client = createClient4({ url: server.url });
    await client.connect();
    return { redis: fromNodeRedis(client), close: () => client.quit() };
  });

  itKeepsTheContract('node-redis, with RESP3 and bytes', async () => {
    const client = createClient({ url: server.url, RESP: 3, commandOptions: { typeMapping: { 36: Buffer } } });
    await client.connect();
    return { redis: fromNodeRedis(client), close: () => client.close() };
  });

  itKeepsTheContract('ioredis', async () => {
    const client = new Redis(server.port);
    return { redis: fromIoredis(client), close: () => client.quit() };
  });

  itKeepsTheContract('ioredis, lazy and with a prefix of its own', async () => {
    const client = new Redis(server.port, { lazyConnect: true, keyPrefix: 'app:' });
    return { redis: fromIoredis(client), close: () => client.quit() };
  });

  itKeepsTheContract('valkey-glide', async () => {
    const client = await GlideClient.createClient({ addresses: [server.address] });
    const subscriber = await GlideClient.createClient({ addresses: [server.address] });
    return { redis: fromGlide(client, { subscriber }), close: () => [client.close(), subscriber.close()] };
  });
});

describeWithRedis('redisStore, on a cluster, keeps the contract by', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await RedisCluster.start();
  });
  afterAll(() => cluster.stop());

  itKeepsTheContract('node-redis', async () => {
    const client = createCluster({ rootNodes: cluster.addresses.map((socket) => ({ socket })) });
    client.on('error', () => undefined);
    await client.connect();
    return { redis: fromNodeRedis(client), close: () => client.close() };
  });

  itKeepsTheContract('ioredis', async () => {
    const client = new Cluster(cluster.addresses);
    return { redis: fromIoredis(client), close: () => client.quit() };
  });

  itKeepsTheContract('valkey-glide', async () => {
    const client = await GlideClusterClient.createClient({ addresses: cluster.addresses });
    const subscriber = await GlideClusterClient.createClient({ addresses: cluster.addresses });
    return { redis: fromGlide(client, { subscriber }), close: () => [client.close(), subscriber.close()] };
  });
});
