import { redisStore } from '../../../lib/fleet/redis';
import { keyOf } from '../../../lib/fleet/redis/keys';
import { isRefusal, type FleetStore, type Written } from '../../../lib/fleet/store';
import { describeWithRedis, RedisCluster, RedisSentinel, RedisServer, until } from '../../support/redis-server';
import '../../support/real-work';
import { clientNames, connectBy, connectClusterBy, connectSentinelBy, type Connection } from './support/connections';

const LASTS_MS = 60_000;

let unhandled: unknown[];
const noteUnhandled = (reason: unknown): void => void unhandled.push(reason);
beforeEach(() => {
  unhandled = [];
  process.on('unhandledRejection', noteUnhandled);
});
afterEach(() => {
  process.off('unhandledRejection', noteUnhandled);
  expect(unhandled).toEqual([]);
});

async function write(store: FleetStore, name: string, expected: string, revision: string): Promise<Written> {
  const { server, now } = await store.read([name]);
  return store.compareAndSet(name, { revision: expected, server, notAfter: now + LASTS_MS }, { revision, value: 'v' }, LASTS_MS);
}

const revisionOf = async (store: FleetStore, name: string): Promise<string | undefined> => (await store.read([name])).stored[0]?.revision;

/** Clients hold commands back, or reject them; one that is held back is given up by whoever asked. */
const answersSoon = (asked: Promise<unknown>): Promise<boolean> =>
  Promise.race([
    asked.then(() => true, () => false),
    new Promise<boolean>((resolve) => {
      setTimeout(resolve, 300, false);
    }),
  ]);

/** Writes until a write is heard of. */
async function hears(store: FleetStore, name: string): Promise<void> {
  let heard = 0;
  const end = store.subscribe!((message) => {
    if (message.startsWith(`${name} `)) heard++;
  });
  await heardOnce(store, name, () => heard);
  end();
}

async function heardOnce(store: FleetStore, name: string, heard: () => number): Promise<void> {
  await until(async () => {
    const expected = (await revisionOf(store, name)) ?? '';
    await write(store, name, expected, `${expected}r`);
    return heard() > 0;
  }, 60_000);
}

describeWithRedis.each(clientNames)('redisStore by %s', (client) => {
  let server: RedisServer;
  let connection: Connection;
  let store: FleetStore;

  beforeEach(async () => {
    server = await RedisServer.start();
    connection = await connectBy[client](server.address);
    store = redisStore(connection.redis);
    await until(() => answersSoon(store.read(['a'])));
  });
  afterEach(async () => {
    await connection.close();
    await server.stop();
  });

  it('goes on after SCRIPT FLUSH as if nothing had been', async () => {
    await write(store, 'a', '', 'r1');
    await server.command('SCRIPT', 'FLUSH');
    expect(await write(store, 'a', 'r1', 'r2')).toMatchObject({ done: true });
  });

  it('has lost what was there after FLUSHALL', async () => {
    await write(store, 'a', '', 'r1');
    await server.command('FLUSHALL');
    expect(await write(store, 'a', 'r1', 'r2')).toMatchObject({ done: false, stored: undefined });
  });

  it('hears again after CLIENT KILL TYPE pubsub', async () => {
    let heard = 0;
    const end = store.subscribe!(() => heard++);
    await heardOnce(store, 'a', () => heard);
    await until(async () => Number(await server.command('CLIENT', 'KILL', 'TYPE', 'pubsub')) > 0);
    heard = 0;
    await heardOnce(store, 'a', () => heard);
    end();
  });

  it('does not answer while the server is gone; an empty one is another, and is heard', async () => {
    await write(store, 'a', '', 'r1');
    const { server: before } = await store.read(['a']);
    await server.kill();
    expect(await answersSoon(store.read(['a']))).toBe(false);
    await server.restart();
    await until(() => answersSoon(store.read(['a'])));
    const reading = await store.read(['a']);
    expect(reading.stored).toEqual([undefined]);
    expect(reading.server).not.toBe(before);
    await hears(store, 'a');
  });

  it('does not answer while the server stands still, and does when it goes on', async () => {
    server.pause();
    expect(await answersSoon(store.read(['a']))).toBe(false);
    server.resume();
    await until(() => answersSoon(store.read(['a'])));
  });

  it('is out of reach when its server has become a replica; one that was promoted is another', async () => {
    await write(store, 'a', '', 'r1');
    const { server: before } = await store.read(['a']);
    const successor = await server.replica();
    try {
      await successor.command('REPLICAOF', 'NO', 'ONE');
      await server.command('REPLICAOF', '127.0.0.1', String(successor.port));
      const [read, written] = await Promise.allSettled([store.read(['a']), write(store, 'a', 'r1', 'r2')]);
      for (const end of [read, written]) expect(end).toMatchObject({ status: 'rejected', reason: { message: expect.stringMatching(/read.?only/i) } });
      expect(isRefusal((read as PromiseRejectedResult).reason)).toBe(false);
      await server.command('REPLICAOF', 'NO', 'ONE');
      const after = await store.read(['a']);
      expect(after).toMatchObject({ stored: [{ revision: 'r1' }] });
      expect(after.server).not.toBe(before);
    } finally {
      await successor.stop();
    }
  });

  it('refuses a record where a key of another type is, changes nothing, tells nobody, and serves others', async () => {
    const key = keyOf('breaker-box', 'a');
    const heard: string[] = [];
    const end = store.subscribe!((message) => heard.push(message));
    await hears(store, 'other');
    await server.command('LPUSH', key, 'x');
    for (const asked of [store.read(['a']), write(store, 'a', '', 'r1')]) {
      const reason = await asked.catch((error: unknown) => error);
      expect(isRefusal(reason)).toBe(true);
      expect(String(reason)).toContain(`${key}: something else than a record of breakers is there`);
    }
    expect(await server.command('TYPE', key)).toBe('list');
    expect(await write(store, 'b', '', 'r1')).toMatchObject({ done: true });
    await until(() => heard.includes('b r1'));
    expect(heard.filter((message) => message.startsWith('a '))).toEqual([]);
    end();
  });

  it('replaces no text that somebody else has put there', async () => {
    for (const text of ['something', ' else', '7']) {
      await server.command('SET', keyOf('breaker-box', 'a'), text);
      expect(await write(store, 'a', '', 'r1')).toMatchObject({ done: false, stored: { value: '' } });
    }
    await server.command('SET', keyOf('breaker-box', 'a'), Buffer.from([0xff, 0xfe, 0x20, 0x80]) as never);
    expect(await write(store, 'a', '', 'r1')).toMatchObject({ done: false });
    expect((await store.read(['a', 'b'])).stored[1]).toBeUndefined();
  });

  it('refuses to write a new record where memory is full and nothing may be evicted, and goes on reading', async () => {
    await write(store, 'a', '', 'r1');
    await server.command('CONFIG', 'SET', 'maxmemory', '1');
    expect(isRefusal(await write(store, 'b', '', 'r1').catch((error: unknown) => error))).toBe(true);
    expect(await revisionOf(store, 'a')).toBe('r1');
    await server.command('CONFIG', 'SET', 'maxmemory', '0');
    expect(await write(store, 'b', '', 'r1')).toMatchObject({ done: true });
  });
});

describeWithRedis('a start without a server', () => {
  it.each(clientNames)('does not wait, and shares when one is there: %s', async (client) => {
    const server = await RedisServer.start();
    await server.kill();
    const connection = await connectBy[client](server.address);
    const store = redisStore(connection.redis);
    let heard = 0;
    const end = store.subscribe!(() => heard++);
    expect(await answersSoon(store.read(['a']))).toBe(false);
    await server.restart();
    await until(() => answersSoon(store.read(['a'])));
    await heardOnce(store, 'a', () => heard);
    end();
    await connection.close();
    await server.stop();
  });
});

describeWithRedis('redisStore on a cluster of which one node is down', () => {
  it.each(Object.entries(connectClusterBy))('lacks the shards of that node alone: %s', async (_client, connect) => {
    const cluster = await RedisCluster.start();
    const connection = await connect(cluster.addresses);
    const store = redisStore(connection.redis);
    try {
      const shards = await oneOfEachShard(store, cluster);
      const reached = async (): Promise<string[]> => {
        const answered = await Promise.all(shards.map(async ({ name }) => answersSoon(store.read([name]))));
        return shards.flatMap(({ name }, n) => (answered[n] ? [name] : []));
      };
      await until(async () => (await reached()).length === 16);
      await cluster.nodes[1]!.kill();
      const others = shards.filter(({ slot }) => slot <= 5460 || slot >= 10923).map(({ name }) => name);
      await until(async () => (await reached()).join() === others.join());
      await hears(store, others[0]!);
    } finally {
      await connection.close();
      await cluster.stop();
    }
  });

  async function oneOfEachShard(store: FleetStore, cluster: RedisCluster): Promise<{ name: string; slot: number }[]> {
    const names = new Map<string, string>();
    for (let n = 0; names.size < 16; n++) names.set(store.shardOf!(`operation-${n}`), `operation-${n}`);
    const slotOf = async (name: string): Promise<number> => Number(await cluster.nodes[0]!.command('CLUSTER', 'KEYSLOT', keyOf('breaker-box', name)));
    return Promise.all([...names.values()].map(async (name) => ({ name, slot: await slotOf(name) })));
  }
});

describeWithRedis('redisStore behind a sentinel', () => {
  it.each(Object.entries(connectSentinelBy))('goes on with the replica that was promoted: %s', async (_client, connect) => {
    const sentinel = await RedisSentinel.start();
    const connection = await connect({ host: '127.0.0.1', port: sentinel.port }, RedisSentinel.primaryName);
    const store = redisStore(connection.redis);
    await until(() => answersSoon(write(store, 'a', '', 'r1')));
    const before = await store.read(['a']);
    await sentinel.primary.kill();
    await until(() => answersSoon(store.read(['a'])));
    const after = await store.read(['a']);
    expect(after.server).not.toBe(before.server);
    await hears(store, 'a');
    await connection.close();
    await sentinel.stop();
  });
});
