import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { createClient as createClient4 } from 'redis-4';
import { fromIoredis, fromNodeRedis, redisStore, type RedisLike } from '../../../lib/fleet/redis';
import { describeWithRedis, RedisServer, until } from '../../support/redis-server';
import '../../support/real-work';

interface Connection {
  readonly redis: RedisLike;
  close(): unknown;
}

const connectBy = {
  async 'node-redis'(server: RedisServer): Promise<Connection> {
    const client = createClient({ url: server.url });
    await client.connect();
    return { redis: fromNodeRedis(client), close: () => client.close() };
  },
  async 'node-redis 4'(server: RedisServer): Promise<Connection> {
    const client = createClient4({ url: server.url });
    await client.connect();
    return { redis: fromNodeRedis(client), close: () => client.quit() };
  },
  async ioredis(server: RedisServer): Promise<Connection> {
    const client = new Redis(server.port);
    return { redis: fromIoredis(client), close: () => client.quit() };
  },
};

describeWithRedis.each(Object.keys(connectBy) as (keyof typeof connectBy)[])('the connection that subscribes, by %s', (client) => {
  let server: RedisServer;
  let connection: Connection;
  beforeAll(async () => {
    server = await RedisServer.start();
  });
  beforeEach(async () => {
    connection = await connectBy[client](server);
  });
  afterAll(() => server.stop());

  const subscribers = async (): Promise<number> => String(await server.command('CLIENT', 'LIST', 'TYPE', 'pubsub')).split('\n').filter(Boolean).length;

  it('is closed when nobody listens any more', async () => {
    const end = redisStore(connection.redis).subscribe(() => undefined);
    await until(async () => (await subscribers()) === 1);
    end();
    await until(async () => (await subscribers()) === 0);
    await connection.close();
  });

  it('is closed with the client that it was made of', async () => {
    redisStore(connection.redis).subscribe(() => undefined);
    await until(async () => (await subscribers()) === 1);
    await connection.close();
    await until(async () => (await subscribers()) === 0);
  });
});
