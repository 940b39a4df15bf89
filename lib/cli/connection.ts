import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { nothing } from '../core/call-safely';
import { asText, propertyOf } from '../core/safe-inspect';
import { fromIoredis } from '../fleet/redis/from-ioredis';
import { fromNodeRedis } from '../fleet/redis/from-node-redis';
import type { RedisLike } from '../fleet/redis/redis-like';
import { Failure } from './failure';

/** Where the store is. */
export interface Address {
  /** Of a server, of any node of a cluster, or of a Sentinel. */
  readonly redis: string;
  readonly cluster?: boolean;
  /** The name of the primary that the Sentinel watches. */
  readonly sentinel?: string;
}

export interface Connection {
  readonly redis: RedisLike;
  close(): void;
}

interface Client {
  on(event: 'error', listener: (error: unknown) => void): unknown;
  connect(): Promise<unknown>;
  destroy?(): unknown;
  disconnect(): unknown;
}

/** An address, and what its URL says. */
interface Target extends Address {
  readonly node: { readonly host: string; readonly port: number };
  readonly user: { readonly username?: string; readonly password?: string };
  readonly isTls: boolean;
}

const WITHIN_MS = 5000;

interface NodeRedis {
  createClient(options: object): Client;
  createCluster(options: object): Client;
  createSentinel?(options: object): Client;
}

function openNodeRedis({ createClient, createCluster, createSentinel }: NodeRedis, { redis: url, cluster, sentinel, node, user }: Target): Client {
  const socket = { reconnectStrategy: false, connectTimeout: WITHIN_MS };
  if (cluster === true) return createCluster({ rootNodes: [{ url, socket }], defaults: { ...user, socket } });
  if (sentinel === undefined) return createClient({ url, socket });
  if (createSentinel === undefined) throw new Failure('--sentinel needs version 5 of the package redis, or ioredis');
  return createSentinel({ name: sentinel, sentinelRootNodes: [node], nodeClientOptions: { ...user, socket }, sentinelClientOptions: { socket } });
}

interface Ioredis {
  Redis: new (...args: unknown[]) => Client;
  Cluster: new (nodes: unknown[], options: object) => Client;
}

function openIoredis({ Redis, Cluster }: Ioredis, { redis: url, cluster, sentinel, node, user, isTls }: Target): Client {
  const once = { lazyConnect: true, retryStrategy: null, connectTimeout: WITHIN_MS };
  const login = { ...user, ...(isTls && { tls: {} }) };
  if (cluster === true) return new Cluster([node], { lazyConnect: true, clusterRetryStrategy: () => null, redisOptions: { ...login, connectTimeout: WITHIN_MS } });
  if (sentinel === undefined) return new Redis(url, once);
  return new Redis({ ...once, ...login, sentinels: [node], name: sentinel, sentinelRetryStrategy: null });
}

/** In the order in which they are looked for. Each is whatever the user has installed: nothing is known of it before it is there. */
const PACKAGES = [
  { name: 'redis', open: openNodeRedis, toRedis: fromNodeRedis },
  { name: 'ioredis', open: openIoredis, toRedis: fromIoredis },
  { name: 'iovalkey', open: openIoredis, toRedis: fromIoredis },
] as const;

/**
 * Connects by the client that is installed in the user's project, once: who is told that a server is away tries again.
 *
 * @throws {@link Failure}
 */
export async function connect(address: Address): Promise<Connection> {
  const { target, host } = targetOf(address);
  const { open, toRedis, module } = installed();
  const client = open(module, target);
  // A client may reject with less than it has told its listeners.
  let told: unknown;
  client.on('error', (error) => (told = error));
  const orFail = async <T>(what: string, start: () => Promise<T>): Promise<T> => {
    try {
      return await Promise.race([start(), timeout()]);
    } catch (reason) {
      const hint = /\bMOVED\b|CROSSSLOT/.test(messageOf(reason)) ? ' (a node of a cluster: give --cluster)' : '';
      throw new Failure(`${what}: ${messageOf(told ?? reason)}${hint}`);
    }
  };
  // A client that was never connected may refuse to be closed.
  const close = (): void => void (async () => (client.destroy ?? client.disconnect).call(client))().catch(nothing);
  try {
    await orFail(`cannot reach Redis at ${host}`, () => client.connect());
  } catch (failure) {
    close();
    throw failure;
  }
  const { eval: evaluate } = toRedis(client as never);
  return { redis: { isOneShard: address.cluster !== true, eval: (...args) => orFail(`Redis at ${host}`, () => evaluate(...args)) }, close };
}

/** @throws {@link Failure} */
function targetOf(address: Address): { target: Target; host: string } {
  const { redis, cluster, sentinel } = address;
  if (cluster === true && sentinel !== undefined) throw new Failure('--cluster and --sentinel do not go together', 2);
  const url = URL.canParse(redis) ? new URL(redis) : undefined;
  if (url === undefined || !/^rediss?:$/.test(url.protocol) || url.host === '') {
    throw new Failure('--redis must be a URL such as redis://127.0.0.1:6379, or rediss:// for TLS', 2);
  }
  url.port ||= sentinel === undefined ? '6379' : '26379';
  const user = Object.fromEntries((['username', 'password'] as const).flatMap((part) => (url[part] === '' ? [] : [[part, decodeURIComponent(url[part])]])));
  return { target: { ...address, node: { host: url.hostname, port: Number(url.port) }, user, isTls: url.protocol === 'rediss:' }, host: url.host };
}

/** Loads a client that the user's project has installed, else one beside breaker-box. */
function installed(): (typeof PACKAGES)[number] & { readonly module: never } {
  for (const from of [join(process.cwd(), 'package.json'), __filename].map((file) => createRequire(file))) {
    // What is there and does not load says so itself.
    const found = PACKAGES.find(({ name }) => canResolve(from, name));
    if (found !== undefined) return { ...found, module: from(found.name) as never };
  }
  throw new Failure(`none of ${PACKAGES.map(({ name }) => name).join(', ')} is installed here, and one is needed to reach Redis: npm install redis`);
}

function canResolve(from: NodeJS.Require, name: string): boolean {
  try {
    return from.resolve(name) !== '';
  } catch {
    return false;
  }
}

/** A server that is stopped takes a connection, and never answers. */
async function timeout(): Promise<never> {
  await sleep(WITHIN_MS, undefined, { ref: false });
  throw new Error(`no answer within ${WITHIN_MS / 1000} s`);
}

function messageOf(error: unknown): string {
  // Of several addresses that were tried, each has an error of its own, and the whole has no message.
  const [first = error] = (propertyOf(error, 'errors') ?? []) as readonly unknown[];
  return (asText(propertyOf(first, 'message') ?? '') || asText(propertyOf(error, 'code') ?? error)).replace(/\s+/g, ' ');
}
