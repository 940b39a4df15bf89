import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { redisStore } from '../../../lib/fleet/redis';
import { isRefusal, type FleetStore, type Written } from '../../../lib/fleet/store';
import { root } from '../../../scripts/support/process';
import { describeWithRedis, RedisServer, until } from '../../support/redis-server';
import '../../support/real-work';
import { clientNames, connectBy, type Login } from './support/connections';

const LOGIN: Login = { username: 'breakers', password: 'secret' };

/** The rules, as the guide gives them. */
function rules(): string[] {
  const [, line = ''] = /^ACL SETUSER breakers (.*)$/m.exec(readFileSync(join(root, 'docs', 'redis.md'), 'utf8')) ?? [];
  return line.split(' ').map((rule) => (rule.startsWith('>') ? `>${LOGIN.password}` : rule));
}

/**
 * Those that only a client, a server without the script, or a subscription asks for. Without INFO a failover goes unnoticed, without HDEL heartbeats of
 * processes that are gone stay.
 */
const NOT_FOR_THE_SCRIPTS = ['+info', '+hdel', '+eval', '+subscribe', '+unsubscribe'];

async function write(store: FleetStore, name: string, revision: string, next: string | undefined): Promise<Written> {
  const { now, server } = await store.read([name]);
  return store.compareAndSet(name, { revision, server, notAfter: now + 60_000 }, next === undefined ? undefined : { revision: next, value: 'v' }, 60_000);
}

/** All that a fleet asks of a store but a subscription. */
async function served(store: FleetStore): Promise<boolean> {
  const name = `b${Math.random()}`;
  await store.announce('p', 'x', 60_000);
  await store.announce('gone', 'x', 1);
  await new Promise((resolve) => {
    setTimeout(resolve, 5);
  });
  await store.members();
  const done = [await write(store, name, '', 'r1'), await write(store, name, 'r1', 'r2'), await write(store, name, 'r2', undefined)].map((one) => one.done);
  return done.every(Boolean);
}

describeWithRedis.each(clientNames)('a user with the rules of the guide, by %s', (client) => {
  it('shares breakers and hears of writes, and may do neither under another prefix', async () => {
    const server = await RedisServer.start();
    await server.command('ACL', 'SETUSER', LOGIN.username, 'reset', ...rules());
    const connection = await connectBy[client](server.address, LOGIN);
    const store = redisStore(connection.redis);
    try {
      const heard: string[] = [];
      const end = store.subscribe!((message) => heard.push(message));
      await until(async () => served(store).catch(() => false));
      await until(async () => {
        await served(store);
        return heard.length > 0;
      });
      end();
      for (const asked of [redisStore(connection.redis, { prefix: 'another' }).read(['b']), redisStore(connection.redis, { prefix: 'another' }).announce('p', 'x', 1)]) {
        const reason: unknown = await asked.then(() => 'allowed', (error: unknown) => error);
        expect(isRefusal(reason)).toBe(true);
      }
    } finally {
      await connection.close();
      await server.stop();
    }
  });
});

describeWithRedis('the rules of the guide', () => {
  it('are the least: without any of them a breaker cannot be shared', async () => {
    const server = await RedisServer.start();
    await server.command('ACL', 'SETUSER', LOGIN.username, 'reset', ...rules());
    const connection = await connectBy['node-redis 6'](server.address, LOGIN);
    const store = redisStore(connection.redis);
    try {
      await until(async () => served(store).catch(() => false));
      for (const rule of rules().filter((one) => one.startsWith('+') && !NOT_FOR_THE_SCRIPTS.includes(one))) {
        await server.command('ACL', 'SETUSER', LOGIN.username, rule.replace('+', '-'));
        expect([rule, await served(store).catch(() => false)]).toEqual([rule, false]);
        await server.command('ACL', 'SETUSER', LOGIN.username, rule);
      }
      await server.command('ACL', 'SETUSER', LOGIN.username, '-info');
      expect(await store.read(['b'])).toMatchObject({ server: '' });
      expect(await served(store)).toBe(true);
    } finally {
      await connection.close();
      await server.stop();
    }
  });

  it('a channel that is not allowed refuses a write, and leaves the record as it is', async () => {
    const server = await RedisServer.start();
    await server.command('ACL', 'SETUSER', LOGIN.username, 'reset', ...rules().filter((rule) => !rule.startsWith('&')));
    const connection = await connectBy['node-redis 6'](server.address, LOGIN);
    const store = redisStore(connection.redis);
    try {
      await until(async () => store.read(['b']).then(() => true, () => false));
      expect(isRefusal(await write(store, 'b', '', 'r1').catch((error: unknown) => error))).toBe(true);
      expect((await store.read(['b'])).stored).toEqual([undefined]);
    } finally {
      await connection.close();
      await server.stop();
    }
  });
});
