import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, createCluster } from 'redis';
import { fromNodeRedis, redisStore } from '../../lib/fleet/redis';
import { describeWithRedis, RedisCluster, RedisSentinel } from '../support/redis-server';
import { inProjectWith } from './support/project';
import { breakerBox, type Ran } from './support/command-line';
import { RecordedFleet, vote } from './support/recorded-fleet';
import '../support/real-work';

const LONG_MS = 3_600_000;
const CLIENTS = ['redis', 'ioredis', 'iovalkey'];

describeWithRedis('breaker-box fleet, of a cluster', () => {
  const names = Array.from({ length: 20 }, (_, n) => `operation ${n}`);
  let cluster: RedisCluster;
  let client: ReturnType<typeof createCluster>;
  let url: string;

  beforeAll(async () => {
    cluster = await RedisCluster.start();
    client = createCluster({ rootNodes: cluster.addresses.map((socket) => ({ socket })) });
    await client.on('error', () => undefined).connect();
    url = cluster.nodes[0]!.url;
    const recorded = new RecordedFleet(redisStore(fromNodeRedis(client as never)));
    for (const name of names) await recorded.apply(name, vote(LONG_MS));
  });

  afterAll(async () => {
    client.destroy();
    await cluster.stop();
  });

  it.each(CLIENTS)('shows the breakers of all nodes, each once, and acts on each: %s', async (name) => {
    await inProjectWith(name, async (cwd) => {
      const fleet = (...args: string[]): Promise<Ran> => breakerBox(['fleet', ...args, '--cluster', '--redis', url], { cwd });
      expect((await fleet('status')).out).toContain('\n20 breakers: 20 open');
      for (const operation of names.slice(0, 4)) {
        expect(await fleet('disable', operation)).toMatchObject({ code: 0, err: '' });
        expect((await fleet('status', operation)).out).toContain(' disabled ');
        expect(await fleet('clear', operation)).toMatchObject({ code: 0, err: '' });
      }
    });
  });

  it('says that it is one, where that was not told', async () => {
    const { code, err } = await breakerBox(['fleet', 'status', '--redis', url]);
    expect(code).toBe(1);
    expect(err).toMatch(/^error: .*Redis at 127\.0\.0\.1:\d+: .*\(a node of a cluster: give --cluster\).*\n$/);
  });
});

describeWithRedis('breaker-box fleet, behind a Sentinel', () => {
  let sentinel: RedisSentinel;
  let url: string;

  beforeAll(async () => {
    sentinel = await RedisSentinel.start();
    url = `redis://127.0.0.1:${sentinel.port}`;
    const client = createClient({ url: sentinel.primary.url });
    await client.on('error', () => undefined).connect();
    await new RecordedFleet(redisStore(fromNodeRedis(client as never))).apply('orders.load', vote(LONG_MS));
    client.destroy();
  });

  afterAll(() => sentinel.stop());

  it.each(CLIENTS)('finds the primary: %s', async (name) => {
    await inProjectWith(name, async (cwd) => {
      const fleet = (...args: string[]): Promise<Ran> => breakerBox(['fleet', ...args, '--sentinel', RedisSentinel.primaryName, '--redis', url], { cwd });
      expect(await fleet('shadow', 'orders.load')).toMatchObject({ code: 0, err: '' });
      expect((await fleet('status')).out).toMatch(/^orders\.load +shadow, open /m);
    });
  });

  it.each(CLIENTS)('says so when it knows no such primary: %s', async (name) => {
    await inProjectWith(name, async (cwd) => {
      const { code, err } = await breakerBox(['fleet', 'status', '--sentinel', 'other', '--redis', url], { cwd });
      expect({ code, lines: err.split('\n').length }).toEqual({ code: 1, lines: 2 });
      expect(err).toMatch(/^error: cannot reach Redis at /);
    });
  });

  it('needs a client that knows Sentinels', async () => {
    await inProjectWith('redis-4', async (cwd) => {
      expect(await breakerBox(['fleet', 'status', '--sentinel', 'breakers', '--redis', url], { cwd })).toMatchObject({
        code: 1,
        err: 'error: --sentinel needs version 5 of the package redis, or ioredis\n',
      });
    });
  });
});

describe('user and password of the URL', () => {
  /** A client that tells what it was made with. */
  const TELLTALE = `
    const tell = (made) => { throw new Error(JSON.stringify(made)) };
    exports.createCluster = ({ defaults }) => tell(defaults);
    exports.createSentinel = ({ nodeClientOptions }) => tell(nodeClientOptions);
    exports.Cluster = function (_nodes, { redisOptions }) { tell(redisOptions) };
    exports.Redis = function (options) { tell(options) };`;

  it.each(['redis', 'ioredis'].flatMap((client) => [[client, '--cluster'], [client, '--sentinel', 'main']]))('are decoded for nodes that the client finds by itself: %s %s', async (client, ...topology) => {
    const project = mkdtempSync(join(tmpdir(), 'breaker-box-project-'));
    try {
      mkdirSync(join(project, 'node_modules', client!), { recursive: true });
      writeFileSync(join(project, 'node_modules', client!, 'index.js'), TELLTALE);
      const { err } = await breakerBox(['fleet', 'status', ...topology, '--redis', 'redis://me%40work:p%2Fw%3A%20d@127.0.0.1'], { cwd: project });
      expect(JSON.parse(err.replace('error: ', ''))).toMatchObject({ username: 'me@work', password: 'p/w: d' });
    } finally {
      rmSync(project, { recursive: true, force: true });
    }
  });
});
