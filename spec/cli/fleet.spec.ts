import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'redis';
import { fromNodeRedis, redisStore } from '../../lib/fleet/redis';
import { sharedName } from '../../lib/fleet/shared-name';
import { FOREVER, type Answer, type Command, type SharedStore } from '../../lib/fleet/shared-store';
import { describeWithRedis, RedisServer } from '../support/redis-server';
import { breakerBox, type Ran } from './support/command-line';
import '../support/real-work';

const sender = { seen: { epoch: 0, state: 'closed', remaining: 0, reopenings: 0 }, alive: 600_000, lease: 1 } as const;
const get = (process = 'a', more: object = {}): Command => ({ ...sender, process, kind: 'get', ...more });
const vote = (openFor: number, min = 1): Command => ({ ...sender, process: 'a', kind: 'vote', lasts: 600_000, openFor, quorum: { min, ratio: 0 } });

describeWithRedis('breaker-box fleet', () => {
  let server: RedisServer;
  let client: ReturnType<typeof createClient>;
  let store: SharedStore;

  beforeAll(async () => {
    server = await RedisServer.start();
    client = createClient({ url: server.url });
    await client.on('error', () => undefined).connect();
    store = redisStore(fromNodeRedis(client as never));
  });

  beforeEach(() => server.command('FLUSHALL'));

  afterAll(async () => {
    client.destroy();
    await server.stop();
  });

  const fleet = (...args: string[]): Promise<Ran> => breakerBox(['fleet', ...args, '--redis', server.url]);
  const apply = (operation: string, command: Command, key?: string): Promise<Answer> => store.apply(sharedName(operation, key), command);

  describe('status', () => {
    it('shows what is known of each breaker, the open ones first', async () => {
      for (const process of ['a', 'b', 'c']) {
        for (const operation of ['accounts.read', 'orders.load', 'users.fetch']) await apply(operation, get(process));
      }
      await apply('orders.load', vote(3_600_000));
      await apply('users.fetch', vote(3_600_000, 3));
      const { code, out, err } = await fleet('status');
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out.split('\n')).toEqual([
        'OPERATION      STATE   VOTES  PROCESSES  NEXT PROBE  FORGOTTEN IN  OVERRIDE',
        'orders.load    open    0      3          60 min      70 min        -',
        'accounts.read  closed  0      3          -           10 min        -',
        'users.fetch    closed  1      3          -           10 min        -',
        '',
        '3 breakers: 1 open',
        '',
      ]);
    });

    it('shows a probe that runs, and one that is due', async () => {
      for (const operation of ['due', 'running']) {
        await apply(operation, get());
        await apply(operation, vote(1));
      }
      await sleep(10);
      await apply('running', { ...sender, process: 'a', lease: 600_000, kind: 'acquire', slot: 's', probes: 1, successes: 2 });
      const { out } = await fleet('status');
      expect(out).toMatch(/^due +open +0 +1 +due /m);
      expect(out).toMatch(/^running +half open +0 +1 +1 running /m);
      expect(out).toContain('2 breakers: 1 open, 1 half open');
    });

    it('shows names of all kinds, and leaves the terminal as it is', async () => {
      const long = `${'very'.repeat(2560)} end`;
      await apply('支払い.決済', get());
      await apply('tab\t\x1b[31mred\n', get());
      await apply('lone \ud800', get());
      await apply('{a}:*?', get(), 'eu/west');
      await apply(long, get('a', { name: long.slice(0, 500) }));
      const { code, out } = await fleet('status');
      expect(code).toBe(0);
      expect(out).not.toMatch(/[^\P{Cc}\n]/u);
      const names = out.split('\n').slice(1, 6).map((line) => line.split(/ {2,}/)[0]!);
      expect(names.slice(0, 4)).toEqual(['lone \\u{d800}', 'tab\\u{9}\\u{1b}[31mred\\u{a}', expect.stringMatching(/^very.*…/), '{a}:*? [eu/west]']);
      expect(names[4]).toBe('支払い.決済');
    });

    it('finds hundreds of breakers without blocking the server by KEYS', async () => {
      await Promise.all(Array.from({ length: 300 }, (_, n) => apply(`operation ${n}`, get())));
      await server.command('CONFIG', 'RESETSTAT');
      const { code, out } = await fleet('status');
      expect(code).toBe(0);
      expect(new Set(out.split('\n').filter((line) => line.startsWith('operation '))).size).toBe(300);
      const stats = await server.command('INFO', 'commandstats') as string;
      expect(stats).toContain('cmdstat_scan:');
      expect(stats).not.toMatch(/cmdstat_(keys|hset|zadd|evalsha|eval|pexpireat):/);
    });

    it('says so when there are none', async () => {
      expect(await fleet('status')).toEqual({ code: 0, err: '', out: 'no breaker is shared under the prefix breaker-box, nor was one in the last ten minutes\n' });
    });

    it('is that of one operation, with all its keys', async () => {
      await apply('orders.load', get(), 'eu');
      await apply('orders.load', get(), 'us');
      await apply('orders', get());
      const { out } = await fleet('status', 'orders.load');
      expect(out).toMatch(/orders\.load \[eu\][^]*orders\.load \[us\][^]*2 breakers/);
    });

    it('of an operation that nobody shares says so, and which one may be meant', async () => {
      await apply('orders.load', get());
      expect(await fleet('status', 'orders.laod')).toEqual({
        code: 1,
        out: '',
        err: 'error: no process shares orders.laod under the prefix breaker-box, nor did one in the last ten minutes; did you mean orders.load?\n',
      });
    });

    it('does not count what is no record, nor what other prefixes have', async () => {
      await apply('orders.load', get());
      await server.command('HSET', 'breaker-box:1:{odd}:s', 'field', 'value');
      await server.command('SET', 'breaker-box:1:{text}:s', 'value');
      await redisStore(fromNodeRedis(client as never), { prefix: 'breaker-box2' }).apply('other', get());
      expect((await fleet('status')).out).toContain('\n1 breaker: all closed\n');
      expect((await fleet('status', '--prefix', 'breaker-box2')).out).toContain('other');
    });

    it('is JSON for programs', async () => {
      await apply('orders.load', get('a', { settings: 'one' }), 'eu');
      await apply('orders.load', get('b', { settings: 'other' }), 'eu');
      await apply('orders.load', { ...sender, process: 'a', kind: 'force', act: 'override', override: { kind: 'shadow', remaining: FOREVER, reason: 'trial' } }, 'eu');
      const { out } = await fleet('status', '--json');
      expect(JSON.parse(out)).toEqual({
        operations: [
          {
            operation: 'orders.load',
            key: 'eu',
            state: 'closed',
            reopenings: 0,
            votes: 0,
            processes: 2,
            nextProbe: null,
            probes: { running: 0, succeeded: 0 },
            override: { kind: 'shadow', remaining: null, reason: 'trial' },
            settings: ['one', 'other'],
            forgottenIn: null,
          },
        ],
      });
      expect(JSON.parse((await fleet('status', '--json', '--prefix', 'nobody')).out)).toEqual({ operations: [] });
    });
  });

  describe('acts', () => {
    it('open forces a breaker open, for a time and with a reason', async () => {
      await apply('orders.load', get());
      const ran = await fleet('open', 'orders.load', '--for', '5m', '--reason', 'the bank is down 💥');
      expect(ran).toEqual({ code: 0, err: '', out: 'orders.load: forced open for 5 min; 1 process uses it\n' });
      const { override } = await apply('orders.load', get());
      expect(override).toEqual({ kind: 'forced_open', remaining: expect.any(Number), reason: 'the bank is down 💥' });
      expect(override!.remaining).toBeLessThanOrEqual(300_000);
      expect((await fleet('status')).out).toMatch(/^orders\.load +forced open .* forced open, 5 min left: the bank is down 💥$/m);
    });

    it('open without a time holds until close, which closes the breaker as well', async () => {
      await apply('orders.load', get());
      await apply('orders.load', vote(3_600_000));
      expect((await fleet('open', 'orders.load')).out).toBe('orders.load: forced open until it is closed or reset; 1 process uses it\n');
      expect(await apply('orders.load', get())).toMatchObject({ state: 'open', override: { kind: 'forced_open', remaining: FOREVER } });
      expect(await fleet('close', 'orders.load')).toEqual({ code: 0, err: '', out: 'orders.load: closed; 1 process uses it\n' });
      const closed = await apply('orders.load', get());
      expect(closed).toMatchObject({ state: 'closed', reset: false });
      expect(closed).not.toHaveProperty('override');
    });

    it('reset is told to processes as a reset', async () => {
      await apply('orders.load', get());
      expect((await fleet('reset', 'orders.load')).out).toBe('orders.load: reset; 1 process uses it\n');
      expect(await apply('orders.load', get())).toMatchObject({ reset: true });
    });

    it('reach the breaker of one key', async () => {
      await apply('orders.load', get(), 'eu/west');
      await apply('orders.load', get(), 'us');
      expect((await fleet('open', 'orders.load', '--key', 'eu/west')).out).toContain('orders.load [eu/west]: forced open');
      expect(await apply('orders.load', get(), 'eu/west')).toHaveProperty('override');
      expect(await apply('orders.load', get(), 'us')).not.toHaveProperty('override');
    });

    it('answer programs in JSON', async () => {
      await apply('orders.load', get());
      expect(JSON.parse((await fleet('open', 'orders.load', '--json')).out)).toEqual({
        operation: 'orders.load',
        state: 'closed',
        processes: 1,
        override: { kind: 'forced_open', remaining: null },
      });
    });

    it('open works before the first call, and says that the name is new', async () => {
      await apply('orders.load', get());
      const { code, err, out } = await fleet('open', 'orders.lod');
      expect({ code, out }).toEqual({ code: 0, out: 'orders.lod: forced open until it is closed or reset; no process uses it now\n' });
      expect(err).toMatch(/^note: no process shares orders\.lod .* did you mean orders\.load\?\n$/);
      expect(await apply('orders.lod', get())).toHaveProperty('override');
    });

    it('close changes nothing where nothing is known', async () => {
      expect(await fleet('close', 'orders.load')).toMatchObject({ code: 1, out: '' });
      expect(await server.command('DBSIZE')).toBe(0);
    });

    it('ask for the key of an operation that has only breakers with one', async () => {
      await apply('orders.load', get(), 'eu');
      expect((await fleet('close', 'orders.load')).err).toBe('error: orders.load has a breaker for each key, and none for all: give --key, such as eu\n');
      expect((await fleet('close', 'orders.load', '--key', 'us')).err).toContain('no process shares the key us of orders.load');
    });
  });

  describe('wrong use', () => {
    it.each([
      ['no store', ['fleet', 'status'], "required option '--redis <url>' not specified"],
      ['no URL', ['fleet', 'status', '--redis', 'localhost'], '--redis must be a URL such as redis://127.0.0.1:6379, or rediss:// for TLS'],
      ['another protocol', ['fleet', 'status', '--redis', 'http://127.0.0.1'], '--redis must be a URL such as'],
      ['no operation', ['fleet', 'open', '--redis', 'redis://127.0.0.1'], "missing required argument 'operation'"],
      ['no duration', ['fleet', 'open', 'x', '--for', 'soon', '--redis', 'redis://127.0.0.1'], "--for must be a duration > 0: milliseconds, or with a unit, such as 250ms, 60s, 5m; received 'soon'"],
      ['no time at all', ['fleet', 'open', 'x', '--for', '0', '--redis', 'redis://127.0.0.1'], '--for must be a duration > 0'],
      ['an unknown option', ['fleet', 'status', '--redis', 'redis://127.0.0.1', '--jsno'], "unknown option '--jsno'"],
      ['an unknown command', ['fleet', 'stats'], "unknown command 'stats'"],
    ])('exits with 2: %s', async (_what, args, message) => {
      const { code, out, err } = await breakerBox(args);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toContain(message);
    });

    it('exits with 2 for a prefix that cannot be one', async () => {
      const { code, err } = await fleet('status', '--prefix', 'a{b');
      expect(code).toBe(2);
      expect(err).toContain("prefix: must be 1 to 100 letters, digits and any of '._:/@-'; received 'a{b'");
    });

    it('is not to ask for help', async () => {
      const { code, out } = await breakerBox(['fleet', 'open', '--help']);
      expect(code).toBe(0);
      expect(out).toContain('Usage: breaker-box fleet open [options] <operation>');
    });
  });

  describe('a server', () => {
    it('is taken from REDIS_URL, so that its password is in no list of processes', async () => {
      expect(await breakerBox(['fleet', 'status'], { env: { REDIS_URL: server.url } })).toMatchObject({ code: 0 });
    });

    it.each(['redis', 'ioredis'])('that is away is told in one line, without a stack or the password: %s', async (name) => {
      await inProjectWith(name, async (cwd) => {
        const { code, out, err } = await breakerBox(['fleet', 'status', '--redis', 'redis://user:secret@127.0.0.1:1'], { cwd });
        expect({ code, out, err }).toEqual({ code: 1, out: '', err: 'error: cannot reach Redis at 127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1\n' });
      });
    });

    it.each(['redis', 'ioredis'])('that does not answer is given up: %s', async (name) => {
      const stopped = await RedisServer.start();
      stopped.pause();
      try {
        await inProjectWith(name, async (cwd) => {
          const { code, err } = await breakerBox(['fleet', 'status', '--redis', stopped.url], { cwd });
          expect(code).toBe(1);
          expect(err).toMatch(/^error: .*127\.0\.0\.1:\d+: .*\n$/);
          expect(err).not.toMatch(/ {4}at /);
        });
      } finally {
        stopped.resume();
        await stopped.stop();
      }
    });

    it.each(['redis', 'redis-4', 'ioredis'])('is reached by the client that the project has: %s', async (name) => {
      await apply('orders.load', get());
      await inProjectWith(name, async (cwd) => {
        const ran = await breakerBox(['fleet', 'open', 'orders.load', '--redis', server.url], { cwd });
        expect(ran).toMatchObject({ code: 0, out: expect.stringContaining('forced open') });
        expect((await breakerBox(['fleet', 'status', '--redis', server.url], { cwd })).out).toMatch(/^orders\.load +forced open/m);
      });
      const clients = await server.command('CLIENT', 'LIST') as string;
      expect(clients.split('\n').filter((line) => line.includes('cmd='))).toHaveLength(2); // ours, and the one that asks
    });

    it('that lets nobody in without a password says so', async () => {
      const locked = await RedisServer.start('--requirepass', 'secret');
      try {
        expect(await breakerBox(['fleet', 'status', '--redis', locked.url])).toMatchObject({ code: 1, err: expect.stringMatching(/^error: .*NOAUTH.*\n$/) });
        const url = locked.url.replace('//', '//:secret@');
        expect(await breakerBox(['fleet', 'status', '--redis', url])).toMatchObject({ code: 0 });
      } finally {
        await locked.kill();
        await locked.stop();
      }
    });
  });
});

/** A project that has installed one client. */
async function inProjectWith(name: string, use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'breaker-box-project-'));
  try {
    writeFileSync(join(folder, 'package.json'), '{}');
    mkdirSync(join(folder, 'node_modules'));
    // An older version goes by another name here.
    symlinkSync(dirname(require.resolve(`${name}/package.json`)), join(folder, 'node_modules', name.replace('-4', '')));
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
