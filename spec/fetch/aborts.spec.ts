import { getEventListeners } from 'node:events';
import { Breaker, BreakerRegistry, enableCallContext, withPolicies, type PolicyOptions } from '../../lib';
import { fetchWith } from '../../lib/fetch';
import { presets } from '../../lib/presets';
import { pending, rejectionOf } from '../composition/support/flaky';
import { TimerClock } from '../support/timer-clock';
import { status, TestServer, until } from './support/test-server';

let server: TestServer;

beforeEach(async () => {
  server = await TestServer.start();
});
afterEach(() => server.close());

const policies = (overrides: PolicyOptions = {}): PolicyOptions => ({ ...presets.http(overrides), registry: new BreakerRegistry() });
const reason = new Error('the caller has left');

/** As a polyfill has it, or another realm. */
function foreign() {
  const signal = Object.assign(new EventTarget(), { aborted: false });
  const abort = () => {
    signal.aborted = true;
    signal.dispatchEvent(new Event('abort'));
  };
  return { signal: signal as AbortSignal, abort };
}

/** A controller whose signal is wrapped, as libraries do that watch what is read. */
function proxied(controller: AbortController) {
  const get = (target: AbortSignal, name: string | symbol): unknown => {
    const value: unknown = Reflect.get(target, name, target);
    return typeof value === 'function' ? value.bind(target) : value;
  };
  return { signal: new Proxy(controller.signal, { get }), abort: () => { controller.abort(); } };
}

describe('the caller’s abort', () => {
  it('before the call: no request, and its reason', async () => {
    const protectedFetch = fetchWith(policies());
    expect(await rejectionOf(protectedFetch(server.url(), { signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(server.received).toHaveLength(0);
    expect(protectedFetch.breakers.size).toBe(0);
  });

  it.each<[string, PolicyOptions]>([
    ['presets.http', presets.http()],
    ...Object.entries({ retry: {}, breaker: {}, throttle: {}, rateLimit: 1, bulkhead: 1, timeout: 100, hedge: 0, fallback: () => new Response('fallback') })
      .map(([name, options]): [string, PolicyOptions] => [name, { [name]: options }]),
  ])('before the call: nothing is sent, whatever sends it, and nothing counts: %s', async (_what, given) => {
    const own = jest.fn(async () => new Response());
    const protectedFetch = fetchWith({ ...given, registry: new BreakerRegistry() }, { fetch: own });
    expect(await rejectionOf(protectedFetch('http://example.invalid/', { signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(own).not.toHaveBeenCalled();
    expect([...protectedFetch.breakers.values()].filter(({ stats }) => stats.calls > stats.ignored)).toEqual([]);
  });

  it.each<[string, (signal: AbortSignal) => Parameters<typeof fetch>]>([
    ['in the init', (signal) => [server.url(), { signal }]],
    ['in a Request', (signal) => [new Request(server.url(), { signal })]],
    ['in an init, over that of a Request', (signal) => [new Request(server.url(), { signal: new AbortController().signal }), { signal }]],
  ])('while the request runs: its reason, the request is over, and it counts for nothing: %s', async (_where, args) => {
    server.answers(() => undefined);
    const controller = new AbortController();
    const protectedFetch = fetchWith(policies());
    const failing = rejectionOf(protectedFetch(...args(controller.signal)));
    await until(() => server.received.length === 1);
    controller.abort(reason);
    expect(await failing).toBe(reason);
    await until(() => server.dropped === 1);
    expect(protectedFetch.breakers.get(server.host)?.stats).toMatchObject({ ignored: 1, failures: 0 });
    expect(server.received).toHaveLength(1);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  it('while a retry waits: at once, with no timer left and no further request', async () => {
    server.answers(status(503));
    const clock = new TimerClock();
    const controller = new AbortController();
    const protectedFetch = fetchWith({ ...policies(), clock });
    const failing = rejectionOf(protectedFetch(server.url(), { signal: controller.signal }));
    await until(() => clock.armed > 0 && server.received.length === 1 && protectedFetch.breakers.get(server.host)?.stats.failures === 1);
    await until(() => clock.delays.some((delayMs) => delayMs < 10_000));
    controller.abort(reason);
    expect(await failing).toBe(reason);
    await clock.advance(60_000);
    expect(clock.armed).toBe(0);
    expect(server.received).toHaveLength(1);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  it('while the body is read, when the call has long settled: ends the reading', async () => {
    server.answers((response) => {
      response.writeHead(200).write('the first part');
    });
    const controller = new AbortController();
    const response = await fetchWith(policies())(server.url(), { signal: controller.signal });
    const reading = rejectionOf(response.text());
    controller.abort(reason);
    expect(await reading).toBe(reason);
  });

  // Rule 60: `AbortSignal.any` refuses them, and that of Node 20 does not hear them.
  it.each<[string, () => { signal: AbortSignal; abort(): void }]>([
    ['a polyfill’s or of another realm', foreign],
    ['a proxy', () => proxied(new AbortController())],
  ])('while the body is read, by a signal that is %s: ends the reading', async (_what, make) => {
    const controller = make();
    const seen: AbortSignal[] = [];
    const own = async (_input: unknown, init?: RequestInit) => {
      seen.push(init!.signal!);
      return new Response('the body');
    };
    await fetchWith(policies({ timeout: '1s' }), { fetch: own })('http://example.invalid/', { signal: controller.signal });
    expect([seen[0] instanceof AbortSignal, seen[0]?.aborted]).toEqual([true, false]);
    controller.abort();
    expect(seen[0]?.aborted).toBe(true);
  });

  it('leaves no listener on a signal that many calls share', async () => {
    const { signal } = new AbortController();
    const protectedFetch = fetchWith(policies({ retry: { baseDelay: 1 } }));
    server.answers(status(503), status(200));
    for (let n = 0; n < 15; n++) await (await protectedFetch(server.url(), { signal })).text();
    // Those of fetch itself, if any, it takes back by itself; of ours there are none.
    const own = getEventListeners(signal, 'abort').filter((listener) => String(listener).includes('notify'));
    expect(own).toHaveLength(0);
  });
});

describe('where there is no AbortSignal.any', () => {
  const { any } = AbortSignal;
  beforeEach(() => { Object.assign(AbortSignal, { any: undefined }); });
  afterEach(() => { Object.assign(AbortSignal, { any }); });

  const subscribed = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;
  const within = (own: (init: RequestInit) => Promise<Response>) =>
    fetchWith({ timeout: 1000, retry: { baseDelay: 0, maxAttempts: 3 }, registry: new BreakerRegistry() }, { fetch: (_input, init) => own(init!) });

  it.each<[string, () => Promise<Response>]>([
    ['fails', async () => { throw new TypeError('fetch failed'); }],
    ['answers without a body', async () => new Response(null, { status: 204 })],
  ])('an attempt that %s leaves no listener on the caller’s signal', async (_how, own) => {
    const { signal } = new AbortController();
    const listening: number[] = [];
    await within(async () => { listening.push(subscribed(signal)); return own(); })('http://example.invalid/', { signal }).catch(() => undefined);
    expect(new Set(listening)).toEqual(new Set([1]));
    expect(subscribed(signal)).toBe(0);
  });

  it('the caller’s abort ends the request, and the reading of a body after it', async () => {
    const controller = new AbortController();
    let given!: AbortSignal;
    await within(async ({ signal }) => { given = signal!; return new Response('body'); })('http://example.invalid/', { signal: controller.signal });
    expect(given.aborted).toBe(false);
    controller.abort(reason);
    expect(given.reason).toBe(reason);
  });
});

describe('within another operation', () => {
  it('its time-out ends the request, and is not the host’s failure', async () => {
    enableCallContext();
    server.answers(() => undefined);
    const registry = new BreakerRegistry();
    const clock = new TimerClock();
    const protectedFetch = fetchWith({ ...presets.http(), registry, clock });
    const outer = withPolicies(async (signal?: AbortSignal) => protectedFetch(server.url(), { signal: signal ?? null }), { timeout: 80, name: 'outer', registry, clock });
    for (const [n, signal] of [undefined, new AbortController().signal].entries()) {
      const failing = rejectionOf(outer(signal));
      await until(() => server.received.length === n + 1);
      await clock.advance(80);
      expect(await failing).toMatchObject({ code: 'BREAKER_TIMEOUT' });
      await until(() => server.dropped === n + 1);
    }
    expect(protectedFetch.breakers.get(server.host)?.stats).toMatchObject({ failures: 0, ignored: 2 });
  });

  it.each<[string, { resolve: unknown } | { reject: unknown }]>([
    ['answers', { resolve: new Response('well') }],
    ['fails', { reject: new Error('down') }],
  ])('leaves no listener on the caller’s signal, nor on that of the call around, when it %s', async (_how, end) => {
    const fn = pending();
    const [own, around] = [new AbortController().signal, new AbortController().signal];
    const listeners = () => [own, around].map((signal) => getEventListeners(signal, 'abort').length);
    const protectedFetch = fetchWith({ timeout: 1000, registry: new BreakerRegistry() }, { fetch: fn as unknown as typeof fetch });
    const call = new Breaker().execute(() => protectedFetch('http://example.invalid/', { signal: own }), { signal: around }).catch(() => undefined);
    expect(listeners()).toEqual([1, 1]);
    if ('resolve' in end) fn.calls[0]!.resolve(end.resolve);
    else fn.calls[0]!.reject(end.reject);
    await call;
    expect(listeners()).toEqual([0, 0]);
  });
});
