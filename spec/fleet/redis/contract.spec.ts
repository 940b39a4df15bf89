import { redisStore } from '../../../lib/fleet/redis';
import { storeContract } from '../../../lib/testing/store-contract';
import { describeWithRedis, RedisCluster, RedisSentinel, RedisServer } from '../../support/redis-server';
import '../../support/real-work';
import { clientNames, connectBy, connectClusterBy, connectSentinelBy, type Connection } from './support/connections';

/** A client of a store that is there already. */
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

for (const program of ['redis-server', 'valkey-server'] as const) {
  describeWithRedis(`redisStore on a ${program} keeps the contract by`, () => {
    let server: RedisServer;
    beforeAll(async () => {
      server = await RedisServer.of(program);
    });
    afterAll(() => server.stop());

    for (const client of clientNames) itKeepsTheContract(client, () => connectBy[client](server.address));
  }, program);
}

describeWithRedis('redisStore on a cluster keeps the contract by', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await RedisCluster.start();
  });
  afterAll(() => cluster.stop());

  for (const [client, connect] of Object.entries(connectClusterBy)) itKeepsTheContract(client, () => connect(cluster.addresses));
});

describeWithRedis('redisStore behind a sentinel keeps the contract by', () => {
  let sentinel: RedisSentinel;
  beforeAll(async () => {
    sentinel = await RedisSentinel.start();
  });
  afterAll(() => sentinel.stop());

  for (const [client, connect] of Object.entries(connectSentinelBy)) {
    itKeepsTheContract(client, () => connect({ host: '127.0.0.1', port: sentinel.port }, RedisSentinel.primaryName));
  }
});
