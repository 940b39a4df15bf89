import { createClient } from 'redis';
import { BreakerRegistry, withBreaker } from '../../../lib';
import { fromNodeRedis, redisStore, shareBreakers, type SharedStore } from '../../../lib/fleet/redis';
import { keysOf } from '../../../lib/fleet/redis/keys';
import { describeWithRedis, RedisServer, until } from '../../support/redis-server';
import '../../support/real-work';
import { Peer } from './support/peer';

const PROCESSES = 8;
const RECORD = 'breaker-box:1:{VideoService.download}:s';

describeWithRedis('what a shared breaker costs the server', () => {
  let server: RedisServer;
  let client: ReturnType<typeof createClient>;
  let peers: Peer[];
  let settings: string;

  beforeEach(async () => {
    server = await RedisServer.start();
    client = createClient({ url: server.url });
    await client.connect();
    const store = redisStore(fromNodeRedis(client));
    settings = await settingsOfReal(store);
    peers = Array.from({ length: PROCESSES - 1 }, (_, n) => new Peer(store, `host-${n}:12345:0123456789ab`));
    for (const peer of peers) await poll(peer);
  });
  afterEach(async () => {
    client.destroy();
    await server.stop();
  });

  const poll = (peer: Peer): Promise<unknown> => peer.send({ kind: 'get', settings });

  /** What a process that shares its breaker tells of it. */
  async function settingsOfReal(store: SharedStore): Promise<string> {
    const registry = new BreakerRegistry();
    await withBreaker(async () => 'video', { name: 'VideoService.download', registry })();
    const sharing = shareBreakers(registry, store);
    try {
      await until(async () => (await client.exists(RECORD)) === 1);
      return (await client.hGet(RECORD, 'c1'))!;
    } finally {
      sharing.stop();
    }
  }

  async function bytes(): Promise<number> {
    const sizes = await Promise.all(keysOf('breaker-box', 'VideoService.download').map((key) => client.memoryUsage(key)));
    return sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  }

  it('at most two kilobytes of memory, for eight processes, in any state', async () => {
    const closed = await bytes();
    await peers[0]!.open(0);
    const open = await bytes();
    await until(async () => (await peers[0]!.acquire('a-slot-0123456789abcdef')).done);
    const halfOpen = await bytes();
    console.log(`bytes for ${PROCESSES} processes: closed ${closed}, open ${open}, half open ${halfOpen}`);
    expect(Math.max(closed, open, halfOpen)).toBeLessThan(2048);
  });

  it('less than a millisecond of its time for a command', async () => {
    for (let n = 0; n < 250; n++) for (const peer of peers) await poll(peer);
    const [, usec] = /cmdstat_evalsha:.*usec_per_call=([\d.]+)/.exec(await client.info('commandstats')) ?? [];
    console.log(`microseconds for a poll: ${usec}`);
    expect(Number(usec)).toBeLessThan(1000);
  });

  it('nothing any more ten minutes after the last command', async () => {
    for (const key of keysOf('breaker-box', 'VideoService.download')) {
      const leftMs = await client.pTTL(key);
      if (await client.exists(key)) expect(leftMs).toBeGreaterThan(590_000);
      expect(leftMs).toBeLessThanOrEqual(606_000);
    }
  });
});
