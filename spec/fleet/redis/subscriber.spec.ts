import { redisStore } from '../../../lib/fleet/redis';
import type { FleetStore } from '../../../lib/fleet/store';
import { ManualClock } from '../../support/manual-clock';
import { describeWithRedis, RedisServer, until } from '../../support/redis-server';
import '../../support/real-work';
import { SilencingProxy } from '../../support/silencing-proxy';
import { clientNames, connectBy, type Connection } from './support/connections';

/** All that have an adapter that subscribes by a connection made of the user's. */
const copying = clientNames.filter((name) => name !== 'valkey-glide');

describeWithRedis.each(copying)('the connection that subscribes, by %s', (client) => {
  let server: RedisServer;
  let proxy: SilencingProxy;
  let connection: Connection | undefined;
  let clock: ManualClock;
  let store: FleetStore;
  beforeEach(async () => {
    server = await RedisServer.start();
    proxy = await SilencingProxy.start(server.port);
    connection = await connectBy[client]({ host: '127.0.0.1', port: proxy.port });
    clock = new ManualClock();
    store = redisStore(connection.redis, { clock });
  });
  afterEach(async () => {
    await connection?.close();
    await proxy.stop();
    await server.stop();
  });

  const subscribers = async (): Promise<number> => String(await server.command('CLIENT', 'LIST', 'TYPE', 'pubsub')).split('\n').filter(Boolean).length;

  it('is closed when nobody listens any more', async () => {
    const end = store.subscribe!(() => undefined);
    await until(async () => (await subscribers()) === 1);
    end();
    await until(async () => (await subscribers()) === 0);
  });

  it('is closed with the client that it was made of', async () => {
    store.subscribe!(() => undefined);
    await until(async () => (await subscribers()) === 1);
    await connection?.close();
    connection = undefined;
    await until(async () => (await subscribers()) === 0);
  });

  it('is made anew when it has lost its server without a word, while nothing is told', async () => {
    const heard: string[] = [];
    const end = store.subscribe!((message) => heard.push(message));
    await until(async () => (await subscribers()) === 1);
    await until(async () => store.read(['b']).then(() => true, () => false));
    // The main connection goes on; of the other nothing comes any more, and nobody says so.
    proxy.silence((bytes) => bytes.includes('SUBSCRIBE') || bytes.includes('subscribe'));
    await server.command('PUBLISH', 'breaker-box:2:changes', 'b lost');
    for (let round = 0; round < 5; round++) {
      clock.advance(5000);
      await store.read(['b']);
      await new Promise((resolve) => {
        setTimeout(resolve, 200);
      });
    }
    await until(async () => {
      await server.command('PUBLISH', 'breaker-box:2:changes', 'b heard');
      return heard.length > 0;
    });
    expect(heard).not.toContain('b lost');
    end();
  });
});
