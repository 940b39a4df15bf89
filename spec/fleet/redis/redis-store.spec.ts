import { Cluster, Redis } from 'ioredis';
import { createClient, createClientPool } from 'redis';
import { createCluster as createCluster4 } from 'redis-4';
import { ConfigurationError } from '../../../lib';
import { fromGlide, fromIoredis, fromNodeRedis, redisStore, type RedisLike } from '../../../lib/fleet/redis';
import { keyOf } from '../../../lib/fleet/redis/keys';
import { isRefusal, type FleetStore } from '../../../lib/fleet/store';
import { ManualClock } from '../../support/manual-clock';

const noop = (): void => undefined;
const MOMENT = ['1700000000000000', 'run'];

/** A server that answers at once, and what was asked of it. */
class FakeRedis implements RedisLike {
  readonly asked: string[] = [];
  readonly subscriptions: { listener: (message: string | Uint8Array) => void; lost: (reason?: unknown) => void; isEnded: boolean }[] = [];
  /** What was published by the store alone, and whether subscribers hear it. */
  readonly published: string[] = [];
  delivers = true;
  fails: unknown;
  answer: unknown = [...MOMENT, null];
  /** The keys of what was published, by which a cluster finds a node. */
  readonly publishedBy: string[] = [];

  async evalsha(_sha: string, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    const [channel, message] = args;
    if (channel === 'breaker-box:2:changes' && message !== undefined) {
      this.published.push(message);
      this.publishedBy.push(...keys);
      if (this.delivers) for (const { isEnded, listener } of this.subscriptions) if (!isEnded) listener(message);
      return 1;
    }
    this.asked.push('evalsha');
    if (this.fails !== undefined) throw this.fails;
    return this.answer;
  }

  async eval(): Promise<unknown> {
    this.asked.push('eval');
    return this.answer;
  }

  subscribe(_channel: string, listener: (message: string | Uint8Array) => void, lost: (reason?: unknown) => void): () => unknown {
    const subscription = { listener, lost, isEnded: false };
    this.subscriptions.push(subscription);
    return () => (subscription.isEnded = true);
  }
}

let redis: FakeRedis;
let clock: ManualClock;
let store: FleetStore;
let warned: jest.SpyInstance;
beforeEach(() => {
  redis = new FakeRedis();
  clock = new ManualClock();
  store = redisStore(redis, { clock });
  warned = jest.spyOn(process, 'emitWarning').mockReturnValue();
});
afterEach(() => warned.mockRestore());

describe('a command', () => {
  it.each(['NOSCRIPT No matching script. Please use EVAL.', 'An error was signalled by the server: - NoScriptError: No matching script.'])(
    'is sent with the script when the server says %s',
    async (message) => {
      redis.fails = new Error(message);
      expect(await store.read(['b'])).toEqual({ now: 1_700_000_000_000, server: 'run', stored: [undefined] });
      expect(redis.asked).toEqual(['evalsha', 'eval']);
    },
  );

  it('is sent with the script by a client that knows no other way', async () => {
    const plain = redisStore({ eval: async () => [...MOMENT, 'r1 value'] });
    expect((await plain.read(['b'])).stored).toEqual([{ revision: 'r1', value: 'value' }]);
    expect(plain.subscribe).toBeUndefined();
  });

  it.each(["READONLY You can't write against a read only replica.", 'connect ECONNREFUSED 127.0.0.1:6379', 'CLUSTERDOWN The cluster is down', 'LOADING Redis is loading the dataset in memory', 'NOAUTH Authentication required.', undefined])(
    'rejects with what the client says, and is not sent again, where the server is of no use: %s',
    async (message) => {
      redis.fails = message === undefined ? Symbol('anything') : new Error(message);
      await expect(store.read(['b'])).rejects.toBe(redis.fails);
      expect(redis.asked).toEqual(['evalsha']);
    },
  );

  it.each([
    'WRONGTYPE Operation against a key', 'ERR Error running script: @user_script:9: WRONGTYPE Operation', 'WRONGTYPE: Operation against a key',
    'NOPERM this user has no permissions to access one of the keys', 'ACL failure in script: User x has no permissions', 'An error was signalled by the server: - PermissionDenied: x',
    "OOM command not allowed when used memory > 'maxmemory'.", 'MOVED 1 127.0.0.1:1', 'TRYAGAIN Multiple keys request during rehashing of slot', "CROSSSLOT Keys in request don't hash to the same slot",
  ])('is refused, of the record alone, on %s', async (message) => {
    redis.fails = new Error(message);
    const reason = await redisStore(redis, { prefix: 'app' }).read(['b']).catch((error: unknown) => error);
    expect(isRefusal(reason)).toBe(true);
    expect(reason).toMatchObject({ message: expect.stringMatching(/app:2:[0-9a-f]\}:b.*/), cause: redis.fails });
  });

  it.each([undefined, 'OK', [], ['x'], MOMENT, [...MOMENT, null, null], ['now', 'run', null], [null, null, null]])('rejects when the answer is %j', async (answer) => {
    redis.answer = answer;
    await expect(store.read(['b'])).rejects.toThrow('Redis answered something else');
    await expect(store.compareAndSet('b', { revision: '', server: 'run', notAfter: 1 }, undefined, 1)).rejects.toThrow('Redis answered something else');
  });
});

describe('shards', () => {
  it('are sixteen, and records are spread over them', () => {
    const counts = new Map<string, number>();
    for (let n = 0; n < 1600; n++) counts.set(store.shardOf!(`service.operation-${n}`), (counts.get(store.shardOf!(`service.operation-${n}`)) ?? 0) + 1);
    expect(counts.size).toBe(16);
    expect(Math.max(...counts.values())).toBeLessThan(160);
  });

  it('are none where one command may read all', () => {
    expect(redisStore({ eval: async () => [], isOneShard: true }).shardOf).toBeUndefined();
  });
});

describe('subscribing', () => {
  it('takes one connection for all listeners, from the first to the last', () => {
    const ends = [store.subscribe!(noop), store.subscribe!(noop)];
    expect(redis.subscriptions).toHaveLength(1);
    ends[0]!();
    expect(redis.subscriptions[0]!.isEnded).toBe(false);
    ends[1]!();
    expect(redis.subscriptions[0]!.isEnded).toBe(true);
    store.subscribe!(noop);
    expect(redis.subscriptions).toHaveLength(2);
  });

  it('hands on whatever is published, and what is too long to be ours unread, as nothing', () => {
    const heard: string[] = [];
    store.subscribe!((message) => heard.push(message));
    const longest = 'x'.repeat(1024);
    for (const message of ['b r1', Buffer.from('b r2'), Buffer.from([0xff, 0xfe]), '', longest, Buffer.from(longest)]) redis.subscriptions[0]!.listener(message);
    for (const tooLong of [Buffer.alloc(5_000_000, '['), Buffer.alloc(1025, '['), '['.repeat(1025)]) redis.subscriptions[0]!.listener(tooLong);
    expect(heard).toEqual(['b r1', 'b r2', '\ufffd\ufffd', '', longest, longest, '', '', '']);
  });

  it('contains a listener that throws', () => {
    const heard: string[] = [];
    store.subscribe!(() => {
      throw new Error('no');
    });
    store.subscribe!((message) => heard.push(message));
    redis.subscriptions[0]!.listener('1');
    expect(heard).toEqual(['1']);
    expect(warned).toHaveBeenCalledTimes(1);
  });

  it('is tried again when it is lost and the server answers, every five seconds, and warned of once', async () => {
    store.subscribe!(noop);
    redis.subscriptions[0]!.lost(new Error('NOPERM this user has no permissions to access the channel'));
    expect(redis.subscriptions).toHaveLength(1);
    await store.read(['b']);
    expect(redis.subscriptions).toHaveLength(2);
    redis.subscriptions[1]!.lost(new Error('NOPERM again'));
    clock.advance(4999);
    await store.read(['b']);
    expect(redis.subscriptions).toHaveLength(2);
    clock.advance(1);
    await store.read(['b']);
    expect(redis.subscriptions).toHaveLength(3);
    await store.read(['b']);
    expect(redis.subscriptions).toHaveLength(3);
    expect(warned.mock.calls.map(([message]) => message)).toEqual([expect.stringContaining('redisStore could not subscribe')]);
  });

  it('is tried again when the client throws at once', async () => {
    jest.spyOn(redis, 'subscribe').mockImplementationOnce(() => {
      throw new Error('The client is closed');
    });
    store.subscribe!(noop);
    await store.read(['b']);
    expect(redis.subscriptions).toHaveLength(1);
  });

  describe('that is silent while the server answers', () => {
    /** Checks of the subscription, five seconds apart. */
    const checks = async (count: number): Promise<void> => {
      for (let n = 0; n < count; n++) {
        await store.read(['b']);
        clock.advance(5000);
      }
    };

    it('goes on as long as it hears what is published for it, which nobody is told', async () => {
      const heard: string[] = [];
      store.subscribe!((message) => heard.push(message));
      await checks(20);
      expect(redis.subscriptions).toMatchObject([{ isEnded: false }]);
      expect(redis.published).toEqual(Array.from({ length: 10 }, () => 'probe'));
      expect(heard).toEqual([]);
    });

    it('publishes by the key that was answered last: the node of another may be down', async () => {
      store.subscribe!(noop);
      await checks(2);
      expect(new Set(redis.publishedBy)).toEqual(new Set([keyOf('breaker-box', 'b')]));
    });

    it('publishes nothing while others are heard', async () => {
      store.subscribe!(noop);
      for (let n = 0; n < 10; n++) {
        redis.subscriptions[0]!.listener('b r1');
        await checks(1);
      }
      expect(redis.published).toEqual([]);
    });

    it('is made anew when it hears nothing of it', async () => {
      store.subscribe!(noop);
      await checks(4);
      redis.delivers = false;
      redis.published.length = 0;
      await checks(2);
      expect(redis.subscriptions).toMatchObject([{ isEnded: false }]);
      await checks(1);
      expect(redis.subscriptions).toMatchObject([{ isEnded: true }, { isEnded: false }]);
      expect(redis.published.length).toBeGreaterThan(0);
    });
  });

  it('is ended once when it was lost, and hears no more of what was before it', async () => {
    store.subscribe!(noop);
    const [first] = redis.subscriptions;
    first!.lost();
    expect(first!.isEnded).toBe(true);
    await store.read(['b']);
    first!.lost(new Error('late'));
    expect(redis.subscriptions).toMatchObject([{ isEnded: true }, { isEnded: false }]);
    expect(warned).not.toHaveBeenCalled();
  });

  it('is not looked at when nobody listens', async () => {
    store.subscribe!(noop)();
    for (let n = 0; n < 5; n++) {
      await store.read(['b']);
      clock.advance(5000);
    }
    expect(redis.subscriptions).toMatchObject([{ isEnded: true }]);
    expect(redis.published).toEqual([]);
  });
});

describe('bad input', () => {
  const nodeRedis = createClient();
  const ioredis = new Redis({ lazyConnect: true });
  const cluster = new Cluster([{ port: 1 }], { lazyConnect: true });
  const glide = { customCommand: async () => null };
  const subscriber = { ...glide, subscribe: async () => undefined, unsubscribeLazy: async () => undefined, getPubSubMessage: async () => new Promise<never>(noop) };
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
    expect(problem(() => redisStore(createClientPool() as never))).toContain('redis: must be made of your client');
    for (const nothing of [undefined, null, 'redis://localhost', {}, createClientPool()]) {
      expect(problem(() => fromNodeRedis(nothing as never))).toContain('must be a client of node-redis (with evalSha, eval, subscribe)');
    }
  });

  it('a cluster of node-redis 4, which sends scripts to any node, is refused', () => {
    expect(problem(() => fromNodeRedis(createCluster4({ rootNodes: [] })))).toContain('client: must be of node-redis 5 or later for a cluster');
  });

  it('a subscriber of valkey-glide that a message may end the process of is refused', () => {
    expect(problem(() => fromGlide(glide, { subscriber: { ...subscriber, defaultDecoder: 1 } as never }))).toContain('subscriber: must be made with defaultDecoder: Decoder.Bytes');
    expect(problem(() => fromGlide(glide, { subscriber: { ...subscriber, defaultDecoder: 0 } as never }))).toBe('none');
  });

  it('all problems are named at once', () => {
    expect(problem(() => redisStore(nodeRedis as never, { prefix: 'a{b}', prefx: 1 } as never))).toMatch(/redis: .*\n.*prefix: must be 1 to 100 letters.*'a\{b\}'\n.*prefx: unknown option/);
    expect(problem(() => fromGlide(3 as never, { subscriber: glide } as never))).toMatch(/client: .*\n.*subscriber: must be a client of valkey-glide 2\.3 or later \(with subscribe/);
  });

  it.each(['', 'a b', 'a{b', 'a*', 'é', 'x'.repeat(101), 7, null])('a prefix %j is refused', (prefix) => {
    expect(problem(() => redisStore(redis, { prefix: prefix as string }))).toContain("prefix: must be 1 to 100 letters, digits and any of '._:/@-'");
  });
});
