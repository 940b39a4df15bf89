import { createClient } from 'redis';
import { ConfigurationError } from '../../../lib';
import { fromNodeRedis, fromRest, redisStore, type RestOptions } from '../../../lib/fleet/redis';
import { keyOf } from '../../../lib/fleet/redis/keys';
import { isRefusal, type FleetStore } from '../../../lib/fleet/store';
import { storeContract } from '../../../lib/testing/store-contract';
import { RedisOverHttp } from '../../support/redis-over-http';
import { describeWithRedis, RedisServer } from '../../support/redis-server';
import '../../support/real-work';

describeWithRedis('redisStore over HTTP', () => {
  let server: RedisServer;
  let http: RedisOverHttp;
  let store: FleetStore;
  beforeAll(async () => {
    server = await RedisServer.start();
    http = await RedisOverHttp.start(server);
    store = redisStore(fromRest({ url: http.url, token: RedisOverHttp.token }));
  });
  beforeEach(() => {
    http.instead = undefined;
    http.asked.length = 0;
  });
  afterAll(async () => {
    await http.stop();
    await server.stop();
  });

  it.each(storeContract)('keeps the contract: $name', ({ run }) => run({ store }));

  it('reads all records by one request, and has no subscription', async () => {
    await store.read(Array.from({ length: 100 }, (_, n) => `operation-${n}`));
    expect(http.asked).toEqual(['EVALSHA']);
    expect([store.shardOf, store.subscribe]).toEqual([undefined, undefined]);
  });

  it('shares with a process that is connected to the same server', async () => {
    const client = createClient({ url: server.url });
    await client.connect();
    const connected = redisStore(fromNodeRedis(client));
    const { now, server: run } = await store.read(['shared']);
    await store.compareAndSet('shared', { revision: '', server: run, notAfter: now + 60_000 }, { revision: 'r1', value: 'é' }, 60_000);
    expect((await connected.read(['shared'])).stored).toEqual([{ revision: 'r1', value: 'é' }]);
    await connected.announce('connected', 'x', 60_000);
    expect([...(await store.members()).keys()]).toContain('connected');
    client.destroy();
  });

  it('refuses a record where a key of another type is', async () => {
    await server.command('LPUSH', keyOf('breaker-box', 'list'), 'x');
    expect(isRefusal(await store.read(['list']).catch((error: unknown) => error))).toBe(true);
  });

  it.each([
    ['a wrong token', 401, '{"error":"WRONGPASS invalid or missing auth token"}', 'HTTP 401: WRONGPASS'],
    ['a limit of requests', 429, '{"error":"ERR max requests limit exceeded"}', 'HTTP 429: ERR max requests'],
    ['the page of a proxy', 502, '<html>', 'status 502, and nothing that can be read'],
    ['a page of somebody else', 200, '<html>', 'status 200, and nothing that can be read'],
    ['an answer to something else', 200, '{"result":"OK"}', 'Redis answered something else'],
    ['5 MB of brackets', 200, '['.repeat(5_000_000), 'status 200, and nothing that can be read'],
  ])('is out of reach behind %s', async (_what, status, body, message) => {
    http.instead = { status, body };
    const reason = await store.read(['b']).catch((error: unknown) => error);
    expect(String(reason)).toContain(message);
    expect(isRefusal(reason)).toBe(false);
  });

  it('tells a wrong token as the server does', async () => {
    await expect(redisStore(fromRest({ url: http.url, token: 'wrong' })).read(['b'])).rejects.toThrow('HTTP 401: WRONGPASS');
  });

  it('is out of reach where nobody listens', async () => {
    await expect(redisStore(fromRest({ url: 'http://127.0.0.1:1', token: '' })).read(['b'])).rejects.toThrow('fetch failed');
  });
});

describe('fromRest', () => {
  it('calls the fetch that it is given, unbound, and the global one of the moment otherwise', async () => {
    const receivers: unknown[] = [];
    async function ours(this: unknown): Promise<Response> {
      receivers.push(this);
      return Response.json({ result: ['1700000000000000', ''] });
    }
    const given = redisStore(fromRest({ url: 'https://redis.test', token: 't', fetch: ours }));
    const global = redisStore(fromRest({ url: 'https://redis.test', token: 't' }));
    expect((await given.read([])).now).toBe(1_700_000_000_000);
    const replaced = jest.spyOn(globalThis, 'fetch').mockImplementation(ours);
    expect((await global.read([])).now).toBe(1_700_000_000_000);
    replaced.mockRestore();
    expect(receivers[0]).toBeUndefined();
  });

  it('names every problem at once', () => {
    expect(() => fromRest({ url: 'redis://127.0.0.1', token: 7, fetch: 'x', tokn: 1 } as never as RestOptions)).toThrow(ConfigurationError);
    expect(() => fromRest({ url: 'redis://127.0.0.1', token: 7, fetch: 'x', tokn: 1 } as never as RestOptions)).toThrow(/url: must be an http.*\n.*token: .*\n.*fetch: .*\n.*tokn: unknown option/);
  });
});
