import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from 'redis';
import { fromNodeRedis, redisStore } from '../../lib/fleet/redis';
import { root } from '../../scripts/support/process';
import { describeWithRedis, RedisServer } from '../support/redis-server';
import { breakerBox, type Ran } from './support/command-line';
import { RecordedFleet, vote } from './support/recorded-fleet';
import '../support/real-work';

/** The rules, as the guide gives them. */
function rulesOf(user: string): string[] {
  const [, line = ''] = new RegExp(`^ACL SETUSER ${user} (.*)$`, 'm').exec(readFileSync(join(root, 'docs', 'redis.md'), 'utf8')) ?? [];
  return line.split(' ').map((rule) => (rule.startsWith('>') ? '>secret' : rule));
}

describeWithRedis('a user of the command line with the rules of the guide', () => {
  let server: RedisServer;

  beforeAll(async () => {
    server = await RedisServer.start();
    const client = createClient({ url: server.url });
    await client.on('error', () => undefined).connect();
    const recorded = new RecordedFleet(redisStore(fromNodeRedis(client as never)));
    await recorded.apply('orders.load', vote(3_600_000));
    await recorded.beat('pod-1', { operations: ['orders.load'] });
    client.destroy();
    for (const user of ['operator', 'watcher']) await server.command('ACL', 'SETUSER', user, 'reset', ...rulesOf(user));
  });

  afterAll(() => server.stop());

  // One that is dead, and that whoever asks for processes may drop.
  beforeEach(() => server.command('HSET', '{breaker-box:2:members}', 'pod-2', '1 gone'));

  const fleet = (user: string, ...args: string[]): Promise<Ran> => breakerBox(['fleet', ...args, '--redis', server.url.replace('//', `//${user}:secret@`)]);

  it('sees all, and may act', async () => {
    expect((await fleet('operator', 'status')).out).toMatch(/^orders\.load +open /m);
    for (const act of ['open', 'disable', 'shadow', 'clear', 'close', 'reset']) expect(await fleet('operator', act, 'orders.load')).toMatchObject({ code: 0, err: '' });
  });

  it('sees all without the right to write, and is refused an act', async () => {
    expect(await fleet('watcher', 'status')).toMatchObject({ code: 0, err: '', out: expect.stringContaining('orders.load') });
    expect(await fleet('watcher', 'open', 'orders.load')).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/^error: .*(NOPERM|permission|can't run this command).*\n$/i) });
  });
});
