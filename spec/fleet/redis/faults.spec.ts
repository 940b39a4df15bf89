import { redisStore, SharedRecordError, type SharedStore } from '../../../lib/fleet/redis';
import { describeWithRedis, RedisServer, until } from '../../support/redis-server';
import '../../support/real-work';
import { clients, connectBy, type Connection } from './support/connections';
import { Peer } from './support/peer';

const RECORD = 'breaker-box:1:{VideoService.download}';

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

describeWithRedis.each(clients)('redisStore by %s', (client) => {
  let server: RedisServer;
  let connection: Connection;
  let store: SharedStore;
  let peer: Peer;

  beforeEach(async () => {
    server = await RedisServer.start();
    connection = await connectBy[client](server);
    store = redisStore(connection.redis);
    peer = new Peer(store);
  });
  afterEach(async () => {
    await connection.close();
    await server.stop();
  });

  async function changesHeard(act: () => Promise<unknown>): Promise<boolean> {
    let heard = 0;
    const end = store.subscribe(() => heard++);
    try {
      await until(async () => {
        await act();
        return heard > 0;
      });
      return true;
    } finally {
      end();
    }
  }

  it('goes on after SCRIPT FLUSH as if nothing had been', async () => {
    const { epoch } = await peer.open();
    await server.command('SCRIPT', 'FLUSH');
    expect(await new Peer(store, 'p1').get()).toMatchObject({ state: 'open', epoch });
  });

  it('after FLUSHALL takes the state from the first that has it confirmed, and gives no slot for a lease', async () => {
    const { epoch } = await peer.open(0);
    await server.command('FLUSHALL');
    expect(await new Peer(store, 'p1').get()).toMatchObject({ state: 'closed', epoch: 0 });
    const restored = await peer.acquire('a');
    expect(restored).toMatchObject({ restored: true, state: 'open', epoch, done: false });
    expect(restored.wait).toBeGreaterThan(0);
    expect(restored.wait).toBeLessThanOrEqual(1000);
  });

  it('hears again after CLIENT KILL TYPE pubsub', async () => {
    const reset = (): Promise<unknown> => peer.send({ kind: 'force', act: 'reset' });
    let heard = 0;
    const end = store.subscribe(() => heard++);
    await until(async () => {
      await reset();
      return heard > 0;
    });
    await until(async () => Number(await server.command('CLIENT', 'KILL', 'TYPE', 'pubsub')) > 0);
    heard = 0;
    await until(async () => {
      await reset();
      return heard > 0;
    });
    end();
  });

  it('rejects while the server is gone, and goes on when an empty one is there', async () => {
    const { epoch } = await peer.open();
    await server.kill();
    // Clients hold commands back, or reject them; one that is held back is given up by whoever asked.
    const asked = Promise.race([peer.get().then(() => 'answered', () => 'rejected'), new Promise((resolve) => {
      setTimeout(resolve, 300, 'waits');
    })]);
    expect(['rejected', 'waits']).toContain(await asked);
    await server.restart();
    await until(async () => (await peer.get().catch(() => undefined))?.epoch === epoch);
    expect(await new Peer(store, 'p1').get()).toMatchObject({ state: 'open', epoch, restored: false });
    expect(await changesHeard(() => peer.send({ kind: 'force', act: 'reset' }))).toBe(true);
  });

  it('rejects when its server has become a read-only replica, and goes on when that is promoted', async () => {
    const { epoch } = await peer.open();
    const successor = await server.replica();
    try {
      await successor.command('REPLICAOF', 'NO', 'ONE');
      await server.command('REPLICAOF', '127.0.0.1', String(successor.port));
      await expect(peer.get()).rejects.toThrow(/READONLY|read.?only/i);
      await server.command('REPLICAOF', 'NO', 'ONE');
      expect(await peer.get()).toMatchObject({ state: 'open', epoch });
    } finally {
      await successor.stop();
    }
  });

  it.each([
    ['s', ['SET', `${RECORD}:s`, 'x']],
    ['v', ['LPUSH', `${RECORD}:v`, 'x']],
    ['m', ['SET', `${RECORD}:m`, 'x']],
    ['s of somebody else', ['HSET', `${RECORD}:s`, 'st', 'ajar']],
  ])('rejects with a SharedRecordError where something else is at %s, changes nothing, and serves other breakers', async (_key, command) => {
    await server.command(...command);
    const before = await server.command('KEYS', '*');
    await expect(peer.open()).rejects.toThrow(SharedRecordError);
    expect(await server.command('KEYS', '*')).toEqual(before);
    expect(await new Peer(store, 'p0', 'other').get()).toMatchObject({ state: 'closed', done: true });
  });

  it('rejects where memory is full, nothing may be evicted and a record would be new', async () => {
    const { epoch } = await peer.open();
    const other = new Peer(store, 'p0', 'other');
    await server.command('CONFIG', 'SET', 'maxmemory', '1');
    await expect(other.get()).rejects.toThrow(/OOM|maxmemory/i);
    expect(await peer.get()).toMatchObject({ state: 'open', epoch });
    await server.command('CONFIG', 'SET', 'maxmemory', '0');
    expect(await other.get()).toMatchObject({ state: 'closed', done: true });
  });

  it('takes what was evicted from whoever has it confirmed', async () => {
    const { epoch } = await peer.open();
    await new Peer(store, 'p1').get();
    await server.command('DEL', `${RECORD}:s`);
    expect(await peer.get()).toMatchObject({ restored: true, state: 'open', epoch, processes: 2 });
  });

  it('loses no slot while the record is there', async () => {
    await peer.open(0);
    await until(async () => (await peer.acquire('a')).done);
    // All that an eviction can take away without the record.
    await server.command('DEL', `${RECORD}:v`, `${RECORD}:m`);
    expect(await new Peer(store, 'p1').acquire('b')).toMatchObject({ state: 'half_open', done: false });
  });
});
