import { Cluster, Redis } from 'ioredis';
import { createClient, createClientPool } from 'redis';
import { ConfigurationError } from '../../../lib';
import { fromGlide, fromIoredis, fromNodeRedis, redisStore, SharedRecordError, type RedisLike } from '../../../lib/fleet/redis';
import type { Command } from '../../../lib/fleet';

const GET: Command = { kind: 'get', process: 'p', seen: { epoch: 0, state: 'closed', remaining: 0, reopenings: 0 }, alive: 1000, lease: 1000 };
const reply = (nowMs: number): string[] => ['0', 'closed', '0', '0', '', '0', '', String(nowMs), '1', '0', '', '0', '1', '0', '0'];

/** A server that answers at once, and what was asked of it. */
class FakeRedis implements RedisLike {
  nowMs = 1_700_000_000_000;
  readonly asked: string[] = [];
  readonly subscriptions: { listener: (message: string) => void; lost: (reason?: unknown) => void; isEnded: boolean }[] = [];
  evalshaFails: unknown;

  async evalsha(): Promise<unknown> {
    this.asked.push('evalsha');
    if (this.evalshaFails !== undefined) throw this.evalshaFails;
    return reply(this.nowMs);
  }

  async eval(): Promise<unknown> {
    this.asked.push('eval');
    return reply(this.nowMs);
  }

  subscribe(_channel: string, listener: (message: string) => void, lost: (reason?: unknown) => void): () => void {
    const subscription = { listener, lost, isEnded: false };
    this.subscriptions.push(subscription);
    return () => {
      subscription.isEnded = true;
    };
  }
}

let redis: FakeRedis;
beforeEach(() => {
  redis = new FakeRedis();
});

describe('a command', () => {
  it.each(['NOSCRIPT No matching script. Please use EVAL.', 'An error was signalled by the server: - NoScriptError: No matching script.'])(
    'is sent with the script when the server says %s',
    async (message) => {
      redis.evalshaFails = new Error(message);
      await expect(redisStore(redis).apply('b', GET)).resolves.toMatchObject({ state: 'closed', done: true });
      expect(redis.asked).toEqual(['evalsha', 'eval']);
    },
  );

  it('rejects with what the server says otherwise, and is not sent again', async () => {
    redis.evalshaFails = new Error('READONLY You can\'t write against a read only replica.');
    await expect(redisStore(redis).apply('b', GET)).rejects.toBe(redis.evalshaFails);
    expect(redis.asked).toEqual(['evalsha']);
  });

  it.each(['WRONGTYPE Operation against a key', 'ERR Error running script: @user_script:9: WRONGTYPE Operation', 'BADRECORD x is no record'])(
    'rejects with a SharedRecordError that names the key on %s',
    async (message) => {
      redis.evalshaFails = new Error(message);
      const rejection = redisStore(redis, { prefix: 'app' }).apply('b', GET);
      await expect(rejection).rejects.toThrow(SharedRecordError);
      await expect(rejection).rejects.toThrow('app:1:{b}:s');
      await expect(rejection).rejects.toMatchObject({ cause: redis.evalshaFails });
    },
  );

  it.each([undefined, 'OK', [], ['x'], [...reply(1).slice(0, 14), 'x'], ['0', 'ajar', ...reply(1).slice(2)]])('rejects when the answer is %j', async (answer) => {
    jest.spyOn(redis, 'evalsha').mockResolvedValue(answer);
    await expect(redisStore(redis).apply('b', GET)).rejects.toThrow('Redis answered something else');
  });
});

describe('subscribing', () => {
  const noop = (): void => undefined;

  it('takes one connection for all listeners, from the first to the last', () => {
    const store = redisStore(redis);
    const ends = [store.subscribe(noop), store.subscribe(noop)];
    expect(redis.subscriptions).toHaveLength(1);
    ends[0]!();
    expect(redis.subscriptions[0]!.isEnded).toBe(false);
    ends[1]!();
    expect(redis.subscriptions[0]!.isEnded).toBe(true);
    store.subscribe(noop);
    expect(redis.subscriptions).toHaveLength(2);
  });

  it('hands on whatever is published', () => {
    const heard: unknown[] = [];
    redisStore(redis).subscribe((change) => heard.push(change));
    for (const message of ['{"v":1,"breaker":"b","epoch":3}', 'garbage', 'null', '']) redis.subscriptions[0]!.listener(message);
    expect(heard).toEqual([{ v: 1, breaker: 'b', epoch: 3 }, 'garbage', null, '']);
  });

  it('contains a listener that throws', () => {
    const heard: unknown[] = [];
    const store = redisStore(redis);
    const warned = jest.spyOn(process, 'emitWarning').mockReturnValue();
    store.subscribe(() => {
      throw new Error('no');
    });
    store.subscribe((change) => heard.push(change));
    redis.subscriptions[0]!.listener('1');
    expect(heard).toEqual([1]);
    expect(warned).toHaveBeenCalledTimes(1);
    warned.mockRestore();
  });

  it('is tried again when it is lost and the server answers, every five seconds, and warned of once', async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockReturnValue();
    const store = redisStore(redis);
    store.subscribe(noop);
    redis.subscriptions[0]!.lost(new Error('NOPERM this user has no permissions to access the channel'));
    expect(redis.subscriptions).toHaveLength(1);
    await store.apply('b', GET);
    expect(redis.subscriptions).toHaveLength(2);
    redis.subscriptions[1]!.lost(new Error('NOPERM again'));
    redis.nowMs += 4999;
    await store.apply('b', GET);
    expect(redis.subscriptions).toHaveLength(2);
    redis.nowMs += 1;
    await store.apply('b', GET);
    expect(redis.subscriptions).toHaveLength(3);
    await store.apply('b', GET);
    expect(redis.subscriptions).toHaveLength(3);
    expect(warned.mock.calls.map(([message]) => message)).toEqual([expect.stringContaining('could not subscribe to breaker-box:1:changes')]);
    warned.mockRestore();
  });

  it('is not tried again for nobody, and says nothing of a client that was closed', async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockReturnValue();
    const store = redisStore(redis);
    const end = store.subscribe(noop);
    redis.subscriptions[0]!.lost();
    end();
    await store.apply('b', GET);
    expect(redis.subscriptions).toHaveLength(1);
    expect(redis.subscriptions[0]!.isEnded).toBe(false);
    expect(warned).not.toHaveBeenCalled();
    warned.mockRestore();
  });
});

describe('bad input', () => {
  const nodeRedis = createClient();
  const ioredis = new Redis({ lazyConnect: true });
  const cluster = new Cluster([{ port: 1 }], { lazyConnect: true });
  const glide = { customCommand: async () => null };
  const problem = (act: () => unknown): string => {
    try {
      act();
    } catch (error) {
      if (error instanceof ConfigurationError) return error.message;
      throw error;
    }
    return 'none';
  };

  it('a client without its adapter is told which that is', () => {
    expect(problem(() => redisStore(nodeRedis as never))).toContain('redis: is a client of node-redis as it is; pass fromNodeRedis(client)');
    expect(problem(() => redisStore(ioredis as never))).toContain('pass fromIoredis(client)');
    expect(problem(() => redisStore(cluster as never))).toContain('pass fromIoredis(client)');
    expect(problem(() => redisStore(glide as never))).toContain('pass fromGlide(client)');
  });

  it('a client in the wrong adapter is told the right one', () => {
    expect(problem(() => fromNodeRedis(ioredis as never))).toContain('client: must be a client of node-redis; that is one of ioredis: fromIoredis(client)');
    expect(problem(() => fromIoredis(nodeRedis as never))).toContain('that is one of node-redis: fromNodeRedis(client)');
    expect(problem(() => fromGlide(ioredis as never))).toContain('that is one of ioredis: fromIoredis(client)');
    expect(problem(() => fromNodeRedis(fromIoredis(ioredis) as never))).toContain('hand it to redisStore');
  });

  it('what is no client is told what one is', () => {
    expect(problem(() => redisStore(undefined as never))).toContain('fromNodeRedis(client) of the package redis, fromIoredis(client) of ioredis or iovalkey, fromGlide(client) of @valkey/valkey-glide');
    for (const nothing of [undefined, null, 'redis://localhost', {}, createClientPool()]) {
      expect(problem(() => fromNodeRedis(nothing as never))).toContain('must be a client of node-redis (with evalSha, eval, duplicate)');
    }
  });

  it('all problems are named at once', () => {
    expect(problem(() => redisStore(nodeRedis as never, { prefix: 'a{b}', prefx: 1 } as never))).toMatch(/redis: .*\n.*prefix: must be 1 to 100 letters.*'a\{b\}'\n.*prefx: unknown option/);
    expect(problem(() => fromGlide(3 as never, { subscriber: glide } as never))).toMatch(/client: .*\n.*subscriber: must be a client of valkey-glide 2\.3 or later \(with subscribe/);
    expect(problem(() => fromGlide(glide, { subscriber: { ...glide, subscribe: noop, unsubscribeLazy: noop, getPubSubMessage: noop } as never }))).toBe('none');
  });

  it.each(['', 'a b', 'a{b', 'a*', 'é', 'x'.repeat(101), 7, null])('a prefix %j is refused', (prefix) => {
    expect(problem(() => redisStore(redis, { prefix: prefix as string }))).toContain("prefix: must be 1 to 100 letters, digits and any of '._:/@-'");
  });

  function noop(): void {
    // Never called.
  }
});
