import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'redis';
import { BreakerRegistry, withBreaker } from '../../lib';
import { FOREVER } from '../../lib/fleet/record';
import { fromNodeRedis, redisStore, shareBreakers } from '../../lib/fleet/redis';
import { keyOf } from '../../lib/fleet/redis/keys';
import { describeWithRedis, RedisServer } from '../support/redis-server';
import { breakerBox, type Ran } from './support/command-line';
import { inProjectWith } from './support/project';
import { RecordedFleet, vote } from './support/recorded-fleet';
import '../support/real-work';

const LONG_MS = 3_600_000;

describeWithRedis('breaker-box fleet', () => {
  let server: RedisServer;
  let client: ReturnType<typeof createClient>;
  let recorded: RecordedFleet;

  beforeAll(async () => {
    server = await RedisServer.start();
    client = createClient({ url: server.url });
    await client.on('error', () => undefined).connect();
    recorded = new RecordedFleet(redisStore(fromNodeRedis(client as never)));
  });

  beforeEach(() => server.command('FLUSHALL'));

  afterAll(async () => {
    client.destroy();
    await server.stop();
  });

  const fleet = (...args: string[]): Promise<Ran> => breakerBox(['fleet', ...args, '--redis', server.url]);

  describe('status', () => {
    it('shows what is known of each breaker, the open ones first, and why', async () => {
      for (const process of ['pod-1', 'pod-2', 'pod-3']) await recorded.beat(process, { operations: ['accounts.read', 'orders.load', 'users.fetch'] });
      await recorded.apply('orders.load', vote(LONG_MS, 2, 'connect ECONNREFUSED 10.0.0.1'));
      await recorded.apply('orders.load', vote(LONG_MS, 2, 'HTTP 503\u{1b}[31m'), { process: 'pod-2' });
      await recorded.apply('users.fetch', vote(LONG_MS, 3, 'timeout'));
      const { code, out, err } = await fleet('status');
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out.split('\n')).toEqual([
        'OPERATION      STATE   VOTES  PROCESSES  NEXT PROBE  OVERRIDE',
        'orders.load    open    2      3          60 min      -',
        'users.fetch    closed  1      3          -           -',
        'accounts.read  closed  0      3          -           -',
        '',
        'orders.load: opened by pod-1 (connect ECONNREFUSED 10.0.0.1), pod-2 (HTTP 503\\u{1b}[31m)',
        'users.fetch: voted for by pod-1 (timeout)',
        '',
        '3 breakers: 1 open',
        '',
      ]);
    });

    it('tells processes that have a breaker otherwise than the fleet, and such with other settings', async () => {
      await recorded.beat('pod-1', { operations: ['orders.load'], settings: '{"failureThreshold":5}', apart: [['orders.load', 'open']] });
      await recorded.beat('pod-2', { operations: ['orders.load'], settings: '{"failureThreshold":9}', apart: [['orders.load', 'shadow']] });
      await recorded.beat('pod-3', { operations: ['orders.load'], settings: '{"failureThreshold":5}' });
      const { out } = await fleet('status');
      expect(out.split('\n').slice(3)).toEqual([
        'orders.load: open in pod-1, otherwise than in the fleet',
        'orders.load: shadow in pod-2, otherwise than in the fleet',
        'orders.load: set to {"failureThreshold":5} in pod-1, pod-3',
        'orders.load: set to {"failureThreshold":9} in pod-2',
        '',
        '1 breaker: 1 otherwise in some processes, 1 with processes of different settings',
        '',
      ]);
    });

    it('shows a probe that runs, and one that is due', async () => {
      for (const operation of ['due', 'running']) await recorded.apply(operation, vote(1));
      await sleep(30);
      await recorded.apply('running', { kind: 'acquire', slot: 's', probes: 1, successes: 2 }, { lease: 600_000 });
      const { out } = await fleet('status');
      expect(out).toMatch(/^due +open +1 +0 +due /m);
      expect(out).toMatch(/^running +half open +1 +0 +1 running /m);
      expect(out).toContain('2 breakers: 1 open, 1 half open');
    });

    it('shows names of all kinds, and leaves the terminal as it is', async () => {
      const long = `${'very'.repeat(2560)} end`;
      for (const operation of ['支払い.決済', 'tab\t\x1b[31mred\n', 'lone \ud800']) await recorded.apply(operation, vote(LONG_MS));
      await recorded.apply('{a}:*?', vote(LONG_MS), { key: 'eu/west' });
      await recorded.apply(long, vote(LONG_MS), { title: long.slice(0, 500) });
      const { code, out } = await fleet('status');
      expect(code).toBe(0);
      expect(out).not.toMatch(/[^\P{Cc}\n]/u);
      const names = out.split('\n').slice(1, 6).map((line) => line.split(/ {2,}/)[0]!);
      expect(names.slice(0, 4)).toEqual(['lone \\u{d800}', 'tab\\u{9}\\u{1b}[31mred\\u{a}', expect.stringMatching(/^very.*…/), '{a}:*? [eu/west]']);
      expect(names[4]).toBe('支払い.決済');
    });

    it('finds hundreds of breakers without blocking the server by KEYS, and only reads', async () => {
      await Promise.all(Array.from({ length: 300 }, (_, n) => recorded.apply(`operation ${n}`, vote(LONG_MS))));
      await server.command('CONFIG', 'RESETSTAT');
      const { code, out } = await fleet('status');
      expect(code).toBe(0);
      expect(new Set(out.split('\n').filter((line) => line.startsWith('operation ') && !line.includes(':'))).size).toBe(300);
      const stats = await server.command('INFO', 'commandstats') as string;
      expect(stats).toContain('cmdstat_scan:');
      expect(stats).not.toMatch(/cmdstat_(keys|hset|set|del|pexpire|publish):/);
    });

    it('says so when there are none', async () => {
      expect(await fleet('status')).toEqual({ code: 0, err: '', out: 'no breaker is shared under the prefix breaker-box\n' });
    });

    it('is that of one operation, with all its keys', async () => {
      await recorded.beat('pod-1', { keyed: ['orders.load'] });
      expect((await fleet('status')).out).toMatch(/^orders\.load +closed/m);
      for (const key of ['eu', 'us']) await recorded.apply('orders.load', vote(LONG_MS), { key });
      await recorded.apply('orders', vote(LONG_MS));
      const { out } = await fleet('status', 'orders.load');
      expect(out).toMatch(/orders\.load \[eu\][^]*orders\.load \[us\][^]*2 breakers/);
    });

    it('of an operation that nobody shares says so, and which one may be meant', async () => {
      await recorded.beat('pod-1', { operations: ['orders.load'] });
      expect(await fleet('status', 'orders.laod')).toEqual({
        code: 1,
        out: '',
        err: 'error: no process shares orders.laod under the prefix breaker-box; did you mean orders.load?\n',
      });
    });

    it('tells what is no record, and leaves what other prefixes have', async () => {
      await recorded.apply('orders.load', vote(LONG_MS));
      await server.command('SET', keyOf('breaker-box', 'errors.load'), 'nonsense');
      await new RecordedFleet(redisStore(fromNodeRedis(client as never), { prefix: 'breaker-box2' })).apply('other', vote(LONG_MS));
      const { out } = await fleet('status');
      expect(out).toMatch(/^errors\.load +unreadable /m);
      expect(out).toContain('\n2 breakers: 1 open\n');
      expect((await fleet('status', '--prefix', 'breaker-box2')).out).toContain('other');
    });

    it('is JSON for programs', async () => {
      await recorded.beat('pod-1', { keyed: ['orders.load'], takesPart: [['orders.load', 'eu']], settings: 'one' });
      await recorded.beat('pod-2', { keyed: ['orders.load'], settings: 'other' });
      await recorded.apply('orders.load', { kind: 'force', act: 'override', override: { kind: 'shadow', lasts: FOREVER, reason: 'trial' } }, { key: 'eu' });
      const { out } = await fleet('status', '--json');
      expect(JSON.parse(out)).toEqual({
        operations: [
          {
            operation: 'orders.load',
            key: 'eu',
            state: 'closed',
            reopenings: 0,
            votes: [],
            processes: 2,
            takingPart: 1,
            nextProbe: null,
            probes: { running: 0, succeeded: 0 },
            override: { kind: 'shadow', remaining: null, reason: 'trial' },
            apart: [],
            settings: [{ settings: 'one', processes: ['pod-1'] }, { settings: 'other', processes: ['pod-2'] }],
          },
        ],
      });
      expect(JSON.parse((await fleet('status', '--json', '--prefix', 'nobody')).out)).toEqual({ operations: [] });
    });

    it('ends with 3 when something is open, where it is asked to', async () => {
      await recorded.beat('pod-1', { operations: ['orders.load'] });
      expect((await fleet('status', '--exit-code')).code).toBe(0);
      await recorded.apply('orders.load', vote(LONG_MS));
      expect((await fleet('status', '--exit-code')).code).toBe(3);
      expect((await fleet('status')).code).toBe(0);
      await fleet('disable', 'orders.load');
      expect((await fleet('status', '--exit-code')).code).toBe(0);
    });

    it('is shown again and again by --watch', async () => {
      const seen = await breakerBox(['fleet', 'status', '--watch', '50ms', '--json', '--redis', server.url], { until: /(\{.*\}\n){3}/ });
      expect(seen.out.trim().split('\n').slice(0, 3)).toEqual(Array.from({ length: 3 }, () => '{"operations":[]}'));
    });
  });

  describe('acts', () => {
    it('open forces a breaker open, for a time and with a reason', async () => {
      await recorded.beat('pod-1', { operations: ['orders.load'] });
      const ran = await fleet('open', 'orders.load', '--for', '5m', '--reason', 'the bank is down 💥');
      expect(ran).toEqual({ code: 0, err: '', out: 'orders.load: forced open for 5 min; 1 process uses it\n' });
      const { override } = (await recorded.record('orders.load'))!;
      expect(override).toEqual({ kind: 'forced_open', until: { at: expect.any(Number), given: 300_000 }, reason: 'the bank is down 💥' });
      expect((await fleet('status')).out).toMatch(/^orders\.load +forced open .* forced open, 5 min left: the bank is down 💥$/m);
    });

    it('open without a time holds until close, which closes the breaker as well', async () => {
      await recorded.apply('orders.load', vote(LONG_MS));
      expect((await fleet('open', 'orders.load')).out).toBe('orders.load: forced open until it is cleared, closed or reset; no process uses it now\n');
      expect(await recorded.record('orders.load')).toMatchObject({ state: 'open', override: { until: { given: FOREVER } } });
      expect(await fleet('close', 'orders.load')).toEqual({ code: 0, err: '', out: 'orders.load: closed; no process uses it now\n' });
      expect(await recorded.record('orders.load')).toMatchObject({ state: 'closed', closedBy: 'close' });
      expect((await recorded.record('orders.load'))!.override).toBeUndefined();
    });

    it('disable and shadow go before the state, and clear takes them away and leaves it', async () => {
      await recorded.apply('orders.load', vote(LONG_MS));
      for (const [act, kind] of [['disable', 'disabled'], ['shadow', 'shadow']] as const) {
        expect((await fleet(act, 'orders.load', '--for', '1h')).out).toBe(`orders.load: ${kind} for 60 min; no process uses it now\n`);
        expect(await recorded.record('orders.load')).toMatchObject({ state: 'open', override: { kind } });
      }
      expect((await fleet('clear', 'orders.load')).out).toBe('orders.load: cleared; no process uses it now\n');
      expect(await recorded.record('orders.load')).not.toHaveProperty('override');
      expect(await recorded.record('orders.load')).toMatchObject({ state: 'open' });
    });

    it('reset is told to processes as a reset', async () => {
      await recorded.apply('orders.load', vote(LONG_MS));
      expect((await fleet('reset', 'orders.load')).out).toContain('orders.load: reset;');
      expect(await recorded.record('orders.load')).toMatchObject({ state: 'closed', closedBy: 'reset' });
    });

    it('close reaches processes that opened by themselves, or says which it did not reach', async () => {
      await recorded.beat('pod-1', { operations: ['orders.load'], apart: [['orders.load', 'open']] });
      await recorded.beat('pod-2', { operations: ['orders.load'], apart: [['orders.load', 'open']] });
      const closing = fleet('close', 'orders.load');
      while ((await recorded.record('orders.load'))?.closedBy === undefined) await sleep(20);
      await recorded.beat('pod-1', { operations: ['orders.load'] });
      expect(await closing).toEqual({
        code: 1,
        out: 'orders.load: closed; 2 processes use it\n',
        err: 'error: not reached within 7 s: orders.load is open in pod-2\n',
      });
      await recorded.beat('pod-2', { operations: ['orders.load'], apart: [['orders.load', 'open']] });
      const again = fleet('close', 'orders.load');
      setTimeout(() => void recorded.beat('pod-2', { operations: ['orders.load'] }), 1000);
      expect(await again).toMatchObject({ code: 0, err: '' });
    });

    it('close reaches a process that opened by itself, and status tells of it before', async () => {
      const processes = ['pod-1', 'pod-2', 'pod-3'].map((process) => {
        const registry = new BreakerRegistry();
        const work = async (fails: boolean): Promise<void> => {
          if (fails) throw new Error('down');
        };
        const call = withBreaker(work, { name: 'orders.load', registry, failureThreshold: 2 });
        return { call, registry, sharing: shareBreakers(registry, redisStore(fromNodeRedis(client as never)), { process, pollInterval: '100ms' }) };
      });
      const [first] = processes;
      try {
        for (const { call } of processes) await call(false);
        for (let n = 0; n < 2; n++) await first!.call(true).catch(() => undefined);
        await sleep(500);
        const { out } = await fleet('status');
        expect(out).toMatch(/^orders\.load: voted for by pod-1:\w+ \(Error: down\)$/m);
        expect(out).toMatch(/^orders\.load: open in pod-1:\w+, otherwise than in the fleet$/m);
        expect(await fleet('close', 'orders.load')).toEqual({ code: 0, err: '', out: 'orders.load: closed; 3 processes use it\n' });
        expect(processes.map(({ registry }) => registry.get('orders.load')!.state)).toEqual(['closed', 'closed', 'closed']);
      } finally {
        for (const { sharing } of processes) sharing.stop();
      }
    });

    it('tell processes whose own override goes before', async () => {
      await recorded.beat('pod-1', { operations: ['orders.load'], apart: [['orders.load', 'disabled']] });
      expect((await fleet('open', 'orders.load')).err).toBe('note: pod-1 has an override of its own, which goes before that of the fleet\n');
    });

    it('reach the breaker of one key, or of all keys that have a record or are told of, and say how many', async () => {
      for (const key of ['eu/west', 'us']) await recorded.apply('orders.load', vote(LONG_MS), { key });
      expect((await fleet('open', 'orders.load', '--key', 'eu/west')).out).toContain('orders.load [eu/west]: forced open');
      expect(await recorded.record('orders.load', 'eu/west')).toMatchObject({ override: { kind: 'forced_open' } });
      expect((await recorded.record('orders.load', 'us'))!.override).toBeUndefined();
      const closed = await fleet('close', 'orders.load', '--all-keys');
      expect(closed.out.split('\n')).toHaveLength(3);
      expect(closed.err).toBe('note: 2 keys of orders.load reached: those that have a record, or that processes have otherwise than the fleet. Others were not touched\n');
      for (const key of ['eu/west', 'us']) {
        expect(await recorded.record('orders.load', key)).toMatchObject({ state: 'closed' });
        expect(await recorded.record('orders.load', key)).not.toHaveProperty('override');
      }
    });

    it('reach by --all-keys a key that has no record, where a process tells that it has it otherwise', async () => {
      await recorded.beat('pod-1', { keyed: ['orders.load'], apart: [['orders.load', 'shadow', 'eu']] });
      const ran = await fleet('open', 'orders.load', '--all-keys');
      expect(ran.out).toBe('orders.load [eu]: forced open until it is cleared, closed or reset; 1 process uses it\n');
      expect(ran.err.split('\n')).toEqual([
        'note: 1 key of orders.load reached: those that have a record, or that processes have otherwise than the fleet. Others were not touched',
        'note: pod-1 has an override of its own, which goes before that of the fleet',
        '',
      ]);
      expect(await recorded.record('orders.load', 'eu')).toMatchObject({ override: { kind: 'forced_open' } });
    });

    it('leave a key alone whose name is too long to be told, and has no record', async () => {
      const long = 'k'.repeat(300);
      await recorded.beat('pod-1', { keyed: ['orders.load'], apart: [['orders.load', 'open', long], ['orders.load', 'shadow', 'eu']] });
      const ran = await fleet('open', 'orders.load', '--all-keys');
      expect(ran.out.split('\n').filter((line) => line.includes('forced open'))).toHaveLength(1);
      expect(ran.err).toContain('note: 1 key of orders.load reached');
    });

    it('answer programs in JSON', async () => {
      await recorded.beat('pod-1', { operations: ['orders.load'] });
      expect(JSON.parse((await fleet('open', 'orders.load', '--json')).out)).toMatchObject({
        operations: [{ operation: 'orders.load', state: 'closed', processes: 1, override: { kind: 'forced_open', remaining: null } }],
        unreached: [],
      });
    });

    it('refuse a name that nobody has, with the closest one, and change nothing', async () => {
      await recorded.beat('pod-1', { operations: ['orders.load'] });
      for (const act of ['open', 'disable', 'shadow', 'clear', 'close', 'reset']) {
        expect(await fleet(act, 'orders.lod')).toEqual({
          code: 1,
          out: '',
          err: 'error: no process shares orders.lod under the prefix breaker-box; did you mean orders.load?\n',
        });
      }
      expect(await recorded.record('orders.lod')).toBeUndefined();
      expect(await fleet('open', 'orders.lod', '--new')).toMatchObject({ code: 0, err: '', out: expect.stringContaining('no process uses it now') });
      expect(await recorded.record('orders.lod')).toHaveProperty('override');
    });

    it('ask for the key of an operation that has only breakers with one', async () => {
      await recorded.beat('pod-1', { keyed: ['orders.load'], takesPart: [['orders.load', 'us']] });
      expect((await fleet('close', 'orders.load')).err).toBe('error: orders.load has a breaker for each key: give --key, or --all-keys\n');
      await recorded.apply('orders.load', vote(LONG_MS), { key: 'eu' });
      expect((await fleet('close', 'orders.load')).err).toContain('give --key, such as eu, or --all-keys');
      expect((await fleet('open', 'orders.load', '--key', 'uz')).err).toBe('error: no process has used the key uz of orders.load of late\n');
      expect(await fleet('open', 'orders.load', '--key', 'us')).toMatchObject({ code: 0 });
    });

    it('carry on when a record changes meanwhile', async () => {
      await recorded.beat('pod-1', { operations: ['orders.load'] });
      let isOver = false;
      const changing = (async () => {
        for (let n = 0; !isOver; n++) {
          await recorded.apply('orders.load', vote(LONG_MS, 1000), { process: `pod-${n % 50}` }).catch(() => undefined);
          await sleep(2);
        }
      })();
      const ran = await fleet('open', 'orders.load');
      isOver = true;
      await changing;
      expect(ran).toMatchObject({ code: 0 });
      expect(await recorded.record('orders.load')).toMatchObject({ override: { kind: 'forced_open' } });
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
      ['a long reason', ['fleet', 'open', 'x', '--reason', 'x'.repeat(201), '--redis', 'redis://127.0.0.1'], '--reason must have at most 200 characters'],
      ['two kinds of server', ['fleet', 'status', '--cluster', '--sentinel', 'main', '--redis', 'redis://127.0.0.1'], '--cluster and --sentinel do not go together'],
      ['one key and all', ['fleet', 'open', 'x', '--key', 'a', '--all-keys', '--redis', 'redis://127.0.0.1'], "option '--key <key>' cannot be used with option '--all-keys'"],
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
      await recorded.beat('pod-1', { operations: ['orders.load'] });
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
