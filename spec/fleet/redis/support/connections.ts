import { Decoder, GlideClient, GlideClusterClient } from '@valkey/valkey-glide';
import { Cluster, Redis } from 'ioredis';
import { Cluster as Cluster5, Redis as Redis5 } from 'ioredis-5';
import { Cluster as ValkeyCluster, Redis as Valkey } from 'iovalkey';
import { createClient, createCluster, createSentinel } from 'redis';
import { createClient as createClient4 } from 'redis-4';
import { createClient as createClient5, createCluster as createCluster5, createSentinel as createSentinel5 } from 'redis-5';
import { fromGlide, fromIoredis, fromNodeRedis, type RedisLike } from '../../../../lib/fleet/redis';

/** A client of our own, and what its adapter makes of it. */
export interface Connection {
  readonly redis: RedisLike;
  close(): unknown;
}

export interface Login {
  readonly username: string;
  readonly password: string;
}

interface Address {
  readonly host: string;
  readonly port: number;
}

type Connect = (at: Address, login?: Login) => Promise<Connection>;

const deaf = (): void => undefined;
const urlOf = ({ host, port }: Address): string => `redis://${host}:${port}`;

export const clientNames = ['node-redis 4', 'node-redis 5', 'node-redis 6', 'ioredis 5', 'ioredis 6', 'iovalkey', 'valkey-glide'] as const;
export type ClientName = (typeof clientNames)[number];

/** Every client that there is an adapter for, on one server. Nothing waits until it is connected. */
export const connectBy: Readonly<Record<ClientName, Connect>> = {
  async 'node-redis 4'(at, login) {
    const client = createClient4({ url: urlOf(at), ...login }).on('error', deaf);
    client.connect().catch(deaf);
    return { redis: fromNodeRedis(client), close: () => client.disconnect() };
  },
  async 'node-redis 5'(at, login) {
    const client = createClient5({ url: urlOf(at), ...login }).on('error', deaf);
    client.connect().catch(deaf);
    return { redis: fromNodeRedis(client), close: () => client.destroy() };
  },
  async 'node-redis 6'(at, login) {
    const client = createClient({ url: urlOf(at), ...login }).on('error', deaf);
    client.connect().catch(deaf);
    return { redis: fromNodeRedis(client), close: () => client.destroy() };
  },
  async 'ioredis 5'(at, login) {
    const client = new Redis5({ ...at, ...login }).on('error', deaf);
    return { redis: fromIoredis(client), close: () => client.disconnect() };
  },
  async 'ioredis 6'(at, login) {
    const client = new Redis({ ...at, ...login }).on('error', deaf);
    return { redis: fromIoredis(client), close: () => client.disconnect() };
  },
  async iovalkey(at, login) {
    const client = new Valkey({ ...at, ...login }).on('error', deaf);
    return { redis: fromIoredis(client), close: () => client.disconnect() };
  },
  async 'valkey-glide'(at, login) {
    const options = { addresses: [at], lazyConnect: true, ...(login && { credentials: login }) };
    const client = await GlideClient.createClient(options);
    const subscriber = await GlideClient.createClient({ ...options, defaultDecoder: Decoder.Bytes });
    return { redis: fromGlide(client, { subscriber }), close: () => [client.close(), subscriber.close()] };
  },
};

type ConnectCluster = (nodes: readonly Address[]) => Promise<Connection>;

/** Not by node-redis 4, which is refused. */
export const connectClusterBy: Readonly<Record<Exclude<ClientName, 'node-redis 4'>, ConnectCluster>> = {
  async 'node-redis 5'(nodes) {
    const client = createCluster5({ rootNodes: nodes.map((socket) => ({ socket })) }).on('error', deaf);
    await client.connect();
    return { redis: fromNodeRedis(client), close: () => client.destroy() };
  },
  async 'node-redis 6'(nodes) {
    const client = createCluster({ rootNodes: nodes.map((socket) => ({ socket })) }).on('error', deaf);
    await client.connect();
    return { redis: fromNodeRedis(client), close: () => client.destroy() };
  },
  async 'ioredis 5'(nodes) {
    const client = new Cluster5([...nodes]).on('error', deaf);
    return { redis: fromIoredis(client), close: () => client.disconnect() };
  },
  async 'ioredis 6'(nodes) {
    const client = new Cluster([...nodes]).on('error', deaf);
    return { redis: fromIoredis(client), close: () => client.disconnect() };
  },
  async iovalkey(nodes) {
    const client = new ValkeyCluster([...nodes]).on('error', deaf);
    return { redis: fromIoredis(client), close: () => client.disconnect() };
  },
  async 'valkey-glide'(nodes) {
    const addresses = [...nodes];
    const client = await GlideClusterClient.createClient({ addresses });
    const subscriber = await GlideClusterClient.createClient({ addresses, defaultDecoder: Decoder.Bytes });
    return { redis: fromGlide(client, { subscriber }), close: () => [client.close(), subscriber.close()] };
  },
};

/** node-redis 4 and valkey-glide know no sentinel. */
export const connectSentinelBy: Readonly<Partial<Record<ClientName, (sentinel: Address, name: string) => Promise<Connection>>>> = {
  async 'node-redis 5'(sentinel, name) {
    const client = createSentinel5({ name, sentinelRootNodes: [sentinel] }).on('error', deaf);
    await client.connect();
    return { redis: fromNodeRedis(client), close: () => client.destroy() };
  },
  async 'node-redis 6'(sentinel, name) {
    const client = createSentinel({ name, sentinelRootNodes: [sentinel] }).on('error', deaf);
    await client.connect();
    return { redis: fromNodeRedis(client), close: () => client.destroy() };
  },
  async 'ioredis 5'(sentinel, name) {
    const client = new Redis5({ sentinels: [sentinel], name }).on('error', deaf);
    return { redis: fromIoredis(client), close: () => client.disconnect() };
  },
  async 'ioredis 6'(sentinel, name) {
    const client = new Redis({ sentinels: [sentinel], name }).on('error', deaf);
    return { redis: fromIoredis(client), close: () => client.disconnect() };
  },
  async iovalkey(sentinel, name) {
    const client = new Valkey({ sentinels: [sentinel], name }).on('error', deaf);
    return { redis: fromIoredis(client), close: () => client.disconnect() };
  },
};
