import { GlideClient } from '@valkey/valkey-glide';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { fromGlide, fromIoredis, fromNodeRedis, type RedisLike } from '../../../../lib/fleet/redis';
import type { RedisServer } from '../../../support/redis-server';

/** A client of our own, and what its adapter makes of it. */
export interface Connection {
  readonly redis: RedisLike;
  close(): unknown;
}

export interface Login {
  readonly username: string;
  readonly password: string;
}

type Connect = (server: RedisServer, login?: Login) => Promise<Connection>;

/** Every client that there is an adapter for, on one server. */
export const connectBy: Readonly<Record<'node-redis' | 'ioredis' | 'valkey-glide', Connect>> = {
  async 'node-redis'(server, login) {
    const client = createClient({ url: server.url, ...login });
    client.on('error', () => undefined);
    await client.connect();
    return { redis: fromNodeRedis(client), close: () => client.destroy() };
  },
  async ioredis(server, login) {
    const client = new Redis({ ...server.address, ...login });
    client.on('error', () => undefined);
    return { redis: fromIoredis(client), close: () => client.disconnect() };
  },
  async 'valkey-glide'(server, login) {
    const options = { addresses: [server.address], ...(login && { credentials: login }) };
    const [client, subscriber] = await Promise.all([GlideClient.createClient(options), GlideClient.createClient(options)]);
    return { redis: fromGlide(client, { subscriber }), close: () => [client.close(), subscriber.close()] };
  },
};

export const clients = Object.keys(connectBy) as (keyof typeof connectBy)[];
