import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { redisStore } from '../../../lib/fleet/redis';
import { root } from '../../../scripts/support/process';
import { describeWithRedis, RedisServer, until } from '../../support/redis-server';
import '../../support/real-work';
import { clients, connectBy, type Login } from './support/connections';
import { Peer } from './support/peer';

const LOGIN: Login = { username: 'breakers', password: 'secret' };

/** The rules, as the guide gives them. */
function rules(): string[] {
  const [, line = ''] = /^ACL SETUSER breakers (.*)$/m.exec(readFileSync(join(root, 'docs', 'redis.md'), 'utf8')) ?? [];
  return line.split(' ').map((rule) => (rule.startsWith('>') ? `>${LOGIN.password}` : rule));
}

/** Those that only a client, a server without the script, or a subscription asks for. */
const NOT_FOR_THE_SCRIPT = ['+info', '+eval', '+subscribe'];

describeWithRedis.each(clients)('a user with the rules of the guide, by %s', (client) => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(() => server.stop());

  const grant = (granted: readonly string[]): Promise<unknown> => server.command('ACL', 'SETUSER', LOGIN.username, 'reset', ...granted);

  it('shares breakers and hears of transitions', async () => {
    await grant(rules());
    await server.command('SCRIPT', 'FLUSH');
    const connection = await connectBy[client](server, LOGIN);
    const store = redisStore(connection.redis);
    const peer = new Peer(store);
    let heard = 0;
    const end = store.subscribe(() => heard++);
    await peer.open(0);
    await until(async () => (await peer.acquire('a')).done);
    await peer.send({ kind: 'result', slot: 'a', success: true, successes: 1, openFor: 1 });
    await peer.send({ kind: 'report', openFor: 1, counts: { calls: 1, failures: 1, slow: 0, streak: 1 }, limits: { failureThreshold: 2 } });
    await until(async () => {
      await peer.send({ kind: 'force', act: 'reset' });
      return heard > 0;
    });
    end();
    await expect(redisStore(connection.redis, { prefix: 'another' }).apply('b', { kind: 'get', process: 'p', seen: peer.seen, alive: 1, lease: 1 })).rejects.toThrow(/NOPERM|permission/i);
    await connection.close();
  });
});

describeWithRedis('the rules of the guide', () => {
  it('are the least: without any of them a breaker cannot be shared', async () => {
    const server = await RedisServer.start();
    try {
      await server.command('ACL', 'SETUSER', LOGIN.username, 'reset', ...rules());
      const connection = await connectBy['node-redis'](server, LOGIN);
      const store = redisStore(connection.redis);
      const served = async (): Promise<boolean> => {
        const peer = new Peer(store, 'p', `b${Math.random()}`);
        try {
          await peer.open(0);
          await until(async () => (await peer.acquire('a')).done, 3000);
          await peer.send({ kind: 'release', slot: 'a' });
          return true;
        } catch {
          return false;
        }
      };
      expect(await served()).toBe(true);
      const ofTheScript = rules().filter((rule) => rule.startsWith('+') && !NOT_FOR_THE_SCRIPT.includes(rule));
      for (const rule of ofTheScript) {
        await server.command('ACL', 'SETUSER', LOGIN.username, rule.replace('+', '-'));
        expect([rule, await served()]).toEqual([rule, false]);
        await server.command('ACL', 'SETUSER', LOGIN.username, rule);
      }
      await connection.close();
    } finally {
      await server.stop();
    }
  });
});
