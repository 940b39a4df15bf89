import { breakerOf, BreakerRegistry, circuitBreaker, CircuitBreaker, type Clock, type PolicyOptions, retry, Retry, withBreaker, withBreakerSync, withPolicies, withRetry } from '../../lib';
import { HOSTILE, HOSTILE_NAMES, TRAP } from '../support/hostile-values';
import { fails, rejectionOf, scripted, works } from './support/flaky';

const throws = (): never => { throw new Error('a bug of the program'); };

// Point 8 of the field's rules.
describe('a process whose emitWarning throws', () => {
  let emit: jest.SpyInstance;
  beforeEach(() => { emit = jest.spyOn(process, 'emitWarning').mockImplementation(throws); });
  afterEach(() => { emit.mockRestore(); });

  const stacks: Record<string, PolicyOptions> = {
    'a predicate of the breaker': { breaker: { handle: throws, handleResult: throws } },
    'a predicate that answers by a promise': { breaker: { handle: (async () => true) as never } },
    'classify': { breaker: { classify: throws } },
    'a predicate of the retry': { retry: { maxAttempts: 1, handle: throws, onRetry: throws } },
    'a key of the cache': { cache: { ttl: '1s', key: throws } },
    'a predicate of the fallback': { fallback: { use: throws, handle: () => false, ignore: throws } },
    'the cost of a budget': { retry: { maxAttempts: 2, baseDelay: 0, budget: { ratio: 1, cost: throws } } },
  };

  it.each(Object.entries(stacks))('goes on as if nothing was told, when it is about %s', async (_what, policies) => {
    const registry = new BreakerRegistry();
    for (const event of ['call', 'failure', 'success', 'transition'] as const) registry.on(event, throws);
    const failure = new Error('down');
    const call = withPolicies(scripted(works('it'), fails(failure), fails(failure), works('again')), { name: 'op', registry, ...policies });
    expect(await call()).toBe('it');
    expect(['again', failure]).toContain(await call().catch((error: unknown) => error));
  });

  it('has been asked to tell, or this would show nothing', async () => {
    const registry = new BreakerRegistry();
    registry.on('success', () => throws());
    await withBreaker(async () => 'it', { name: 'op', registry })();
    expect(emit).toHaveBeenCalledTimes(1);
  });

  it('is left alone when it is about an order that hurts, which is told later', async () => {
    const unhandled = jest.fn();
    process.on('unhandledRejection', unhandled);
    withPolicies(async () => 'it', [circuitBreaker({ name: 'op', registry: new BreakerRegistry() }), retry()]);
    await new Promise(setImmediate);
    process.off('unhandledRejection', unhandled);
    expect([emit.mock.calls.length, unhandled.mock.calls.length]).toEqual([1, 0]);
  });
});

describe('a clock or a chance of the program that throws', () => {
  const stacks: PolicyOptions[] = [{ breaker: { window: { type: 'time', duration: '1s' } } }, { timeout: 1000 }, { rateLimit: { limit: 1, interval: '1s' } }, { throttle: {} }, { hedge: { delay: 5, idempotent: true } }, { retry: {} }];

  it('makes no call throw at once: a clock, from the first call on', async () => {
    for (const policies of stacks) {
      const clock: Clock = { now: () => 0, setTimeout: throws, clearTimeout: throws, wallTime: () => 0 };
      const call = withPolicies(async () => 'it', { name: 'op', registry: new BreakerRegistry({ clock }), ...policies });
      clock.now = clock.wallTime = throws;
      expect(['it', 'a bug of the program']).toContain(await call().catch((error: Error) => error.message));
    }
  });

  it('makes no call throw at once: a source of chance', async () => {
    for (const policies of stacks) {
      const call = withPolicies(async () => 'it', { name: 'op', registry: new BreakerRegistry({ random: throws }), ...policies });
      expect(['it', 'a bug of the program']).toContain(await call().catch((error: Error) => error.message));
    }
  });
});

describe('a function whose name is no text', () => {
  const named = (descriptor: PropertyDescriptor) => Object.defineProperty(async () => 'it', 'name', descriptor);

  it.each([...HOSTILE_NAMES])('has an operation all the same: %s', async (_what, descriptor) => {
    const registry = new BreakerRegistry();
    const protections = [
      withBreaker(named(descriptor), { registry }), withRetry(named(descriptor), { registry }), withPolicies(named(descriptor), { registry, timeout: '1s' }),
    ];
    const sync = withBreakerSync(Object.defineProperty(() => 'it', 'name', descriptor), { registry });
    expect([...protections.map(({ operation }) => operation), sync.operation]).toEqual(['anonymous', 'anonymous#2', 'anonymous#3', 'anonymous#4']);
    for (const call of protections) expect(await call()).toBe('it');
    expect(sync()).toBe('it');
  });

  it.each([...HOSTILE_NAMES])('can be what an error speaks of: %s', (_what, descriptor) => {
    expect(() => withBreaker(named(descriptor), { failureThreshold: named(descriptor) as never })).toThrow('withBreaker(anonymous): failureThreshold: must be an integer >= 1, or Infinity; received a function');
  });

  it.each([...HOSTILE_NAMES])('can be a class with such a static member: %s', async (_what, descriptor) => {
    const registry = new BreakerRegistry();
    class Videos {
      @Retry({ registry })
      @CircuitBreaker({ registry })
      async download() { return 'it'; }

      @CircuitBreaker({ registry })
      static async load() { return 'it'; }
    }
    Object.defineProperty(Videos, 'name', { ...descriptor, configurable: true });
    expect([await new Videos().download(), await Videos.load()]).toEqual(['it', 'it']);
    expect(registry.names().filter((name) => !/^(anonymous|Videos)[.](download|load)$/.test(name))).toEqual([]);
  });
});

describe('a stream that is hostile', () => {
  const stacks: Record<string, PolicyOptions> = {
    breaker: { breaker: {} },
    bulkhead: { bulkhead: 1 },
    'adaptive bulkhead': { bulkhead: { maxConcurrent: 1, adaptive: { algorithm: 'aimd' } } as never },
    timeout: { timeout: 10_000 },
    retry: { retry: { maxAttempts: 2, baseDelay: 0 } },
    throttle: { throttle: {} },
    fallback: { fallback: { use: (() => { throw TRAP; }) as never, handle: () => false } },
    'all of them': { breaker: {}, bulkhead: 1, timeout: 10_000, retry: { maxAttempts: 2, baseDelay: 0 }, throttle: {} },
  };
  const iterator = (next: () => unknown, more: object = {}) => ({ [Symbol.asyncIterator]: () => ({ next, ...more }) });
  const once = (item: () => unknown) => { let n = 0; return () => (n++ === 0 ? Promise.resolve({ done: false, value: 1 }) : item()); };
  const getter = (name: string) => Object.defineProperty({ done: false, value: 1 }, name, { get: () => { throw TRAP; } });
  const streams: Record<string, () => unknown> = {
    'that is none': () => 5,
    'that cannot be read': () => Object.defineProperty({}, Symbol.asyncIterator, { get: () => { throw TRAP; } }),
    'whose iterator is none': () => ({ [Symbol.asyncIterator]: () => undefined }),
    'whose `next` throws': () => iterator(() => { throw TRAP; }),
    'whose first item is none': () => iterator(async () => undefined),
    'whose first item cannot be read': () => iterator(async () => getter('done')),
    'whose first value cannot be read': () => iterator(async () => getter('value')),
    'whose second item is none': () => iterator(once(async () => undefined)),
    'whose second item cannot be read': () => iterator(once(async () => getter('done'))),
    'whose `return` cannot be read': () => iterator(once(() => { throw TRAP; }), Object.defineProperty({}, 'return', { get: () => { throw TRAP; } })),
  };

  it.each(Object.entries(stacks))('fails its consumer, and holds nothing: %s', async (_name, policies) => {
    for (const make of [...Object.values(streams), ...HOSTILE.map(([, value]) => () => iterator(async () => { throw value(); }))]) {
      // What has failed once is not held back by a throttle.
      const registry = new BreakerRegistry({ random: () => 0.999 });
      const call = withPolicies((kind: string) => (kind === 'good' ? (async function* () { yield 'good'; })() : make()) as AsyncIterable<unknown>, {
        name: 'op', registry, stream: true, ...policies,
      });
      const read = async (kind: string): Promise<unknown[]> => {
        const items: unknown[] = [];
        for await (const item of call(kind)) items.push(item);
        return items;
      };
      let outcome = 'read';
      await read('hostile').catch(() => { outcome = 'failed'; });
      expect(outcome).toBe('failed');
      expect(await read('good')).toEqual(['good']);
    }
  });
});

describe('a signal that throws when it is looked at', () => {
  it('ends nothing, and changes nothing', async () => {
    class Trap {
      addEventListener(): never { throw TRAP; }
      removeEventListener(): never { throw TRAP; }
      get aborted(): never { throw TRAP; }
      get reason(): never { throw TRAP; }
    }
    const signal = new Trap() as unknown as AbortSignal;
    const breaker = breakerOf('op', undefined, new BreakerRegistry());
    expect(await breaker.execute(async () => 'it', { signal })).toBe('it');
    const call = withRetry(scripted(fails(), works('again')), { name: 'op', registry: new BreakerRegistry(), signal, baseDelay: 0 });
    expect(await call()).toBe('again');
    const failure = new Error('down');
    expect(await rejectionOf(breaker.execute(async () => { throw failure; }, { signal }))).toBe(failure);
  });
});
