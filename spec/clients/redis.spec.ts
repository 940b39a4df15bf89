import { describeWithRedis, RedisServer } from '../support/redis-server';
import { describeClient } from './support/captured';

describeWithRedis('rule 48: clients of Redis', () => {
  let server: RedisServer;
  let replica: RedisServer;

  beforeAll(async () => {
    server = await RedisServer.start('--lua-time-limit', '20');
    replica = await server.replica();
  });

  afterAll(async () => {
    await replica.stop();
    await server.stop();
  });

  describeClient('redis', 'redis.mts', () => [String(server.port), String(replica.port)]);
});
