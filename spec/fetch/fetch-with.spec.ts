import {
  BreakerRegistry, bulkhead, BulkheadFullError, cache, CircuitOpenError, ConfigurationError, getPolicies, OperationTimeoutError, RateLimitedError,
  retry, ThrottledError, timeout, type PolicyOptions,
} from '../../lib';
import { fetchWith } from '../../lib/fetch';
import { presets } from '../../lib/presets';
import { rejectionOf } from '../composition/support/flaky';
import { TimerClock } from '../support/timer-clock';
import { status, TestServer, until, type Answer } from './support/test-server';

let server: TestServer;
let other: TestServer;

beforeEach(async () => {
  [server, other] = await Promise.all([TestServer.start(), TestServer.start()]);
});
afterEach(async () => {
  await Promise.all([server.close(), other.close()]);
});

/** The defaults, with short waits, in a registry of its own. */
function quick(overrides: PolicyOptions = {}): PolicyOptions {
  return { ...presets.http({ ...overrides, retry: { baseDelay: 1, ...overrides.retry } }), registry: new BreakerRegistry() };
}

describe('fetchWith', () => {
  it('gives a fetch that works like fetch', async () => {
    server.answers(status(201, 'made', { 'x-id': '7' }));
    const protectedFetch: typeof fetch = fetchWith(quick());
    const response = await protectedFetch(server.url('/things?q=1'), { method: 'POST', body: 'one', headers: { accept: '*/*' } });
    expect([response.status, response.headers.get('x-id'), await response.text()]).toEqual([201, '7', 'made']);
    expect(server.received).toEqual([{ method: 'POST', path: '/things?q=1', body: 'one' }]);
  });

  it('has the defaults of presets.http without its budget, and the name, length and protection of a fetch', () => {
    const protectedFetch = fetchWith(undefined, { name: 'defaults of fetch' });
    expect([protectedFetch.name, protectedFetch.length, protectedFetch.operation]).toEqual(['fetch', 1, 'defaults of fetch']);
    expect(protectedFetch.pipeline.map(({ policy }) => policy)).toEqual(['retry', 'breaker', 'timeout']);
    expect(protectedFetch.pipeline[0]?.options).toMatchObject({ maxAttempts: 3, maxElapsed: 30_000 });
    expect(protectedFetch.pipeline[0]?.options.budget).toBeUndefined();
    expect(getPolicies(protectedFetch)).toEqual(protectedFetch.pipeline);
  });

  it('tries again what may be repeated, and nothing else', async () => {
    server.answers(status(503));
    const protectedFetch = fetchWith(quick());
    expect((await protectedFetch(server.url(), { method: 'POST', body: 'x' })).status).toBe(503);
    expect(server.received).toHaveLength(1);
    expect((await protectedFetch(server.url(), { method: 'POST', body: 'x', headers: { 'Idempotency-Key': 'a' } })).status).toBe(503);
    expect(server.received).toHaveLength(4);
    server.answers(status(503), status(200, 'well'));
    expect(await (await protectedFetch(new URL(server.url()))).text()).toBe('well');
  });

  it.each<[string, (policies: PolicyOptions) => Parameters<typeof fetchWith>[0]]>([
    ['an object', (policies) => policies],
    ['a list', ({ registry }) => [retry({ maxAttempts: 2, baseDelay: 1, registry })]],
  ])('knows what may be repeated and what is a failure for policies of one’s own, in %s', async (_form, form) => {
    server.answers(status(503));
    const protectedFetch = fetchWith(form({ retry: { maxAttempts: 2, baseDelay: 1 }, registry: new BreakerRegistry() }));
    await protectedFetch(server.url());
    await protectedFetch(server.url(), { method: 'PATCH', body: 'x' });
    expect(server.received.map(({ method }) => method)).toEqual(['GET', 'GET', 'PATCH']);
  });

  it.each<[string, RequestInit]>([['an empty init', {}], ['an option that nobody knows', { own: 1 } as RequestInit]])(
    'knows that arguments are those of fetch, where presets.http has to guess: %s', async (_what, init) => {
      const warnings = jest.spyOn(process, 'emitWarning');
      server.answers(status(503));
      await fetchWith(quick())(server.url(), init);
      expect(server.received).toHaveLength(3);
      await fetchWith(quick())(server.url(), { ...init, method: 'POST' });
      expect(server.received).toHaveLength(4);
      expect(warnings).not.toHaveBeenCalled();
      warnings.mockRestore();
    },
  );

  it('hedges what may be repeated, and nothing else', async () => {
    const protectedFetch = fetchWith({ hedge: { delay: 1 }, registry: new BreakerRegistry() });
    const never: Answer = () => undefined;
    server.answers(never, status(200, 'quick'));
    expect(await (await protectedFetch(server.url(), { method: 'PUT', body: 'x' })).text()).toBe('quick');
    // Armed after the hedge would have been, for longer.
    const slow: Answer = (response) => { setTimeout(() => { response.end('slow'); }, 60); };
    server.answers(slow, status(200, 'quick'));
    expect(await (await protectedFetch(server.url(), { method: 'POST', body: 'x' })).text()).toBe('slow');
    server.answers(slow, status(200, 'quick'));
    const body = new Blob(['x']).stream();
    expect(await (await protectedFetch(server.url(), { method: 'PUT', body, duplex: 'half' } as RequestInit)).text()).toBe('slow');
    expect(server.received.map(({ method }) => method)).toEqual(['PUT', 'PUT', 'POST', 'PUT']);
  });

  it('lets a breaker of one’s own classify', async () => {
    server.answers(status(418));
    const classify = jest.fn(({ ok }: { ok: boolean }) => (ok ? ('failure' as const) : ('ignored' as const)));
    const protectedFetch = fetchWith({ breaker: { classify, failureThreshold: 2 }, registry: new BreakerRegistry() });
    for (let n = 0; n < 2; n++) await protectedFetch(server.url());
    expect(await rejectionOf(protectedFetch(server.url()))).toBeInstanceOf(CircuitOpenError);
    expect(classify).toHaveBeenCalledTimes(2);
  });

  it('keeps hosts apart: one that fails opens its own circuit, the other is untouched', async () => {
    server.answers(status(503));
    const protectedFetch = fetchWith(quick({ breaker: { failureThreshold: 4 } }));
    for (let n = 0; n < 6; n++) {
      await protectedFetch(server.url()).catch(() => undefined);
      expect((await protectedFetch(other.url())).status).toBe(200);
    }
    expect(await rejectionOf(protectedFetch(server.url()))).toMatchObject({ code: 'BREAKER_OPEN', key: server.host });
    expect([server.received.length, other.received.length]).toEqual([4, 6]);
    expect([...protectedFetch.breakers].map(([host, { state }]) => [host, state]).sort()).toEqual(
      [[server.host, 'open'], [other.host, 'closed']].sort(),
    );
  });

  it('keeps rate limits and bulkheads apart by host', async () => {
    const limited = fetchWith({ rateLimit: { limit: 1, interval: '1h' }, registry: new BreakerRegistry() });
    await limited(server.url());
    expect(await rejectionOf(limited(server.url()))).toBeInstanceOf(RateLimitedError);
    expect((await limited(other.url())).status).toBe(200);

    server.answers(() => undefined);
    const held = fetchWith([bulkhead({ maxConcurrent: 1, registry: new BreakerRegistry() })]);
    const controller = new AbortController();
    const hanging = rejectionOf(held(server.url(), { signal: controller.signal }));
    expect(await rejectionOf(held(server.url()))).toBeInstanceOf(BulkheadFullError);
    expect((await held(other.url())).status).toBe(200);
    controller.abort();
    await hanging;
  });

  it('throttles a host that refuses, and not one that answers', async () => {
    server.answers(status(429));
    other.answers(status(404));
    const protectedFetch = fetchWith({ throttle: { k: 1, maxRejection: 1, random: () => 0 }, registry: new BreakerRegistry() });
    for (const url of [server.url(), other.url()]) await protectedFetch(url);
    expect(await rejectionOf(protectedFetch(server.url()))).toBeInstanceOf(ThrottledError);
    expect((await protectedFetch(other.url())).status).toBe(404);
  });

  it('takes a key of one’s own', async () => {
    const key = jest.fn((input: unknown) => new URL(String(input)).pathname);
    const protectedFetch = fetchWith(quick(), { key });
    await protectedFetch(server.url('/a'));
    await protectedFetch(other.url('/b'));
    expect([...protectedFetch.breakers.keys()]).toEqual(['/a', '/b']);
    expect(key).toHaveBeenCalledWith(server.url('/a'), undefined);
  });

  it('sends through a fetch of one’s own, or the global one of the moment', async () => {
    const own = jest.fn(async () => new Response('own'));
    expect(await (await fetchWith(quick(), { fetch: own })('http://example.invalid/')).text()).toBe('own');
    const protectedFetch = fetchWith(quick());
    const replaced = jest.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response('mocked'));
    expect(await (await protectedFetch('http://example.invalid/')).text()).toBe('mocked');
    replaced.mockRestore();
  });

  it('gives up an attempt that takes too long, and its request with it', async () => {
    server.answers(() => undefined);
    const clock = new TimerClock();
    const failing = rejectionOf(fetchWith({ timeout: 50, registry: new BreakerRegistry(), clock })(server.url()));
    await until(() => server.received.length === 1);
    await clock.advance(50);
    expect(await failing).toBeInstanceOf(OperationTimeoutError);
    await until(() => server.dropped === 1);
  });
});

describe('what goes to no host goes straight to fetch', () => {
  it.each(['data:text/plain,hello', 'blob:nodata', '/relative', 'relative', 'http://', '', 'ftp://example.invalid/'])('%p', async (input) => {
    const outcome = (call: Promise<Response>) => call.then((response) => response.text(), (error: Error) => `${error.name}: ${error.message}`);
    const protectedFetch = fetchWith(quick());
    expect(await outcome(protectedFetch(input))).toBe(await outcome(fetch(input)));
    expect(protectedFetch.breakers.size).toBe(0);
  });

  it('and needs no key', async () => {
    const key = jest.fn(() => 'key');
    await fetchWith(quick(), { key })('data:,x');
    expect(key).not.toHaveBeenCalled();
  });
});

describe('bad input of fetchWith', () => {
  it.each<[string, () => unknown, string[]]>([
    ['options, an unknown policy, a cache', () => fetchWith({ breker: {}, cache: '1m', timeout: 'x' } as never, { nme: 'x', key: 3 } as never), ['key', 'nme', 'cache', 'breker', 'timeout']],
    ['options and policies', () => fetchWith({ timeout: 'x' as never }, { key: 3 as never }), ['key', 'timeout']],
    ['a list', () => fetchWith([cache('1m'), timeout('x' as never)]), ['cache', 'timeout']],
    ['one name for several policies, and another', () => fetchWith({ name: 'one', retry: {}, breaker: {}, timeout: 0 }, { name: 'two' }), ['name', 'timeout']],
    ['options that are none', () => fetchWith({ cache: '1m' }, null as never), ['', 'cache']],
  ])('is told all at once: %s', (_what, apply, paths) => {
    let error: unknown;
    try {
      apply();
    } catch (thrown) {
      error = thrown;
    }
    expect((error as ConfigurationError).issues.map(({ path }) => path.split('.')[0])).toEqual(paths);
  });

  it.each<[string, () => unknown, RegExp]>([
    ['a cache', () => fetchWith({ cache: '1m' }), /a Response can be read once/],
    ['two names', () => fetchWith({ name: 'one', retry: {} }, { name: 'two' }), /another name/],
    ['no policies', () => fetchWith({}), /at least one policy/],
    ['an unknown policy', () => fetchWith({ retries: {} } as never), /retry/],
    ['an unknown option', () => fetchWith(undefined, { fetcher: fetch } as never), /fetch/],
    ['a fetch that is none', () => fetchWith(undefined, { fetch: 'fetch' as never }), /must be a function/],
    ['an idempotent that is none', () => fetchWith({ retry: { idempotent: 'GET' as never } }), /idempotent/],
    ['a policy that is none', () => fetchWith({ retry: 3 as never }), /retry/],
  ])('is refused: %s', (_what, apply, message) => {
    expect(apply).toThrow(ConfigurationError);
    expect(apply).toThrow(message);
  });
});
