import { BreakerRegistry, withBreaker } from '../../../lib';
import { redisStore, shareBreakers, type FleetStore } from '../../../lib/fleet/redis';
import { describeWithRedis, RedisServer, until } from '../../support/redis-server';
import '../../support/real-work';
import { clientNames, connectBy } from './support/connections';

const CHANNEL = 'breaker-box:2:changes';
const NAME = 'pay';

/** Reads that a store was asked for. */
function counted(store: FleetStore): { readonly store: FleetStore; reads: number } {
  const seen = {
    reads: 0,
    store: {
      ...(store.shardOf && { shardOf: (name: string) => store.shardOf!(name) }),
      read: (names) => {
        seen.reads++;
        return store.read(names);
      },
      compareAndSet: (...asked) => store.compareAndSet(...asked),
      announce: (...asked) => store.announce(...asked),
      members: () => store.members(),
      subscribe: (listener) => store.subscribe!(listener),
    } satisfies FleetStore,
  };
  return seen;
}

let uncaught: unknown[];
const note = (reason: unknown): void => void uncaught.push(reason);
beforeEach(() => {
  uncaught = [];
  process.on('unhandledRejection', note).on('uncaughtException', note);
});
afterEach(() => {
  process.off('unhandledRejection', note).off('uncaughtException', note);
});

describeWithRedis.each(clientNames)('messages of somebody who may publish, by %s', (client) => {
  it('harm nobody, are read at most every 50 ms, and those of the fleet are heard after them', async () => {
    const server = await RedisServer.start();
    const [one, other] = [await connectBy[client](server.address), await connectBy['ioredis 6'](server.address)];
    const registry = new BreakerRegistry();
    const seen = counted(redisStore(one.redis));
    const sharing = shareBreakers(registry, seen.store, { pollInterval: '1h', commandTimeout: '5s', lease: '20s', quorum: { min: 1, ratio: 0 } });
    const pay = withBreaker(async () => 'paid', { name: NAME, registry, failureThreshold: 1 });
    const elsewhere = new BreakerRegistry();
    const sharingElsewhere = shareBreakers(elsewhere, redisStore(other.redis), { commandTimeout: '5s', lease: '20s', quorum: { min: 1, ratio: 0 } });
    const failing = withBreaker(() => Promise.reject(new Error('down')), { name: NAME, registry: elsewhere, failureThreshold: 1 });
    try {
      expect(await pay()).toBe('paid');
      await until(async () => (await server.command('PUBSUB', 'NUMSUB', CHANNEL) as unknown[])[1] === 2);
      const future = `${NAME} ${(Date.now() + 3_600_000) * 1000}`;
      const hostile = [Buffer.alloc(5_000_000, '['), Buffer.from([0xff, 0xfe, 0xc0]), '', NAME, `${NAME} `, `${NAME} {}`, 'unknown 1', future, `${NAME} ${'9'.repeat(400)}`, '__proto__ 1'];
      for (const message of hostile) await server.command('PUBLISH', CHANNEL, message as string);
      const beganAt = performance.now();
      const before = seen.reads;
      for (let n = 0; n < 20; n++) await Promise.all(Array.from({ length: 50 }, (_, i) => server.command('PUBLISH', CHANNEL, `${NAME} forged${n}-${i}`)));
      expect(seen.reads - before).toBeLessThanOrEqual(1 + Math.ceil((performance.now() - beganAt) / 50));
      expect(await pay()).toBe('paid');

      await failing().catch(() => undefined);
      await until(() => pay.breaker?.state === 'open');
      expect(uncaught).toEqual([]);
    } finally {
      sharing.stop();
      sharingElsewhere.stop();
      await one.close();
      await other.close();
      await server.stop();
    }
  });
});
