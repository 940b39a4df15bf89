import { Readable } from 'node:stream';
import axios, { AxiosError, CanceledError, type AxiosAdapter, type AxiosRequestConfig, type InternalAxiosRequestConfig } from 'axios';
import {
  BreakerRegistry, bulkhead, cache, CircuitOpenError, ConfigurationError, getPolicies, OperationTimeoutError, withPolicies, type PolicyOptions,
} from '../../../lib';
import { presets } from '../../../lib/presets';
import { axiosWith, type AxiosOptions } from '../../../lib/adapters/axios';
import { rejectionOf } from '../../composition/support/flaky';
import { status, TestServer, until, type Answer } from '../../fetch/support/test-server';
import { collectWarnings } from '../../registry/support/warnings';
import { TimerClock } from '../../support/timer-clock';

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

function client(overrides: PolicyOptions = {}, config: AxiosRequestConfig = {}, options: AxiosOptions<AxiosAdapter> = {}) {
  const adapter = axiosWith(axios, quick(overrides), { adapter: 'http', ...options });
  return { adapter, http: axios.create({ proxy: false, ...config, adapter }) };
}

const methods = (): string[] => server.received.map(({ method }) => method);
const never: Answer = () => undefined;
const failureOf = async (call: Promise<unknown>): Promise<AxiosError> => (await rejectionOf(call)) as AxiosError;

describe('axiosWith', () => {
  it('gives an adapter by which axios works as before', async () => {
    server.answers(status(201, '{"made":true}', { 'x-id': '7' }));
    const { http, adapter } = client();
    const response = await http.post<{ made: boolean }>(server.url('/things'), { one: 1 }, { params: { q: '1' } });
    expect([response.status, response.headers['x-id'], response.data.made]).toEqual([201, '7', true]);
    expect(server.received).toEqual([{ method: 'POST', path: '/things?q=1', body: '{"one":1}' }]);
    expect([adapter.name, adapter.length, adapter.operation]).toEqual(['axios', 1, 'axios']);
    expect(getPolicies(adapter).map(({ policy }) => policy)).toEqual(['retry', 'breaker', 'timeout']);
  });

  it('has the policies of presets.http without their budget, when none are given, and warns of nothing', () => {
    const warnings = collectWarnings();
    const { pipeline } = axiosWith(axios, undefined, { name: 'defaults of axios' });
    expect(pipeline[0]?.options).toMatchObject({ maxAttempts: 3, maxElapsed: 30_000 });
    expect(pipeline[0]?.options.budget).toBeUndefined();
    expect(warnings.messages()).toEqual([]);
    warnings.stop();
  });

  it('protects the global axios, whose adapter it looks at once', async () => {
    const { adapter: before } = axios.defaults;
    try {
      axios.defaults.adapter = axiosWith(axios, quick());
      server.answers(status(503), status(200, 'well'));
      expect((await axios.get(server.url(), { proxy: false })).data).toBe('well');
    } finally {
      axios.defaults.adapter = before;
    }
    expect(methods()).toEqual(['GET', 'GET']);
  });

  it('works with the adapter of fetch, too', async () => {
    const { http } = client({}, {}, { adapter: ['xhr', 'fetch'] });
    server.answers(status(503), status(200, 'well'));
    expect((await http.get(server.url())).data).toBe('well');
    server.answers(never);
    const clock = new TimerClock();
    const timed = client({ timeout: 30, clock }, {}, { adapter: ['xhr', 'fetch'] });
    const failing = rejectionOf(timed.http.post(server.url(), 'x'));
    await until(() => server.received.length === 3);
    await clock.advance(30);
    expect(await failing).toBeInstanceOf(OperationTimeoutError);
    await until(() => server.dropped === 1);
  });

  describe('what is tried again', () => {
    it.each(['get', 'head', 'options', 'put', 'delete'] as const)('is %s', async (method) => {
      server.answers(status(503), status(200));
      expect((await client().http.request({ url: server.url(), method })).status).toBe(200);
      expect(server.received).toHaveLength(2);
    });

    it.each(['post', 'patch'] as const)('is not %s, but with an Idempotency-Key', async (method) => {
      server.answers(status(503));
      const { http } = client();
      expect((await failureOf(http.request({ url: server.url(), method, data: { one: 1 } }))).response?.status).toBe(503);
      expect(server.received).toHaveLength(1);
      await failureOf(http.request({ url: server.url(), method, data: { one: 1 }, headers: { 'idempotency-key': 'a' } }));
      expect(server.received).toHaveLength(4);
      expect(new Set(server.received.map(({ body }) => body))).toEqual(new Set(['{"one":1}']));
    });

    it('is never a body that is a stream', async () => {
      server.answers(status(503));
      const { http } = client({ retry: { idempotent: true } });
      await failureOf(http.put(server.url(), Readable.from(['a', 'b'])));
      await failureOf(http.put(server.url(), 'text'));
      expect(server.received.map(({ body }) => body)).toEqual(['ab', 'text', 'text', 'text']);
    });

    it('are lost connections, and not a 404 nor a wrong URL', async () => {
      const { http, adapter } = client();
      server.answers((response) => response.destroy(), status(200, 'well'));
      expect((await http.get(server.url())).data).toBe('well');
      server.answers(status(404));
      expect((await failureOf(http.get(server.url()))).status).toBe(404);
      expect(server.received).toHaveLength(3);
      expect((await failureOf(http.get('no url'))).code).toBe('ERR_INVALID_URL');
      expect([...adapter.breakers.keys()]).toEqual([server.host]);
    });

    it('is what validateStatus lets pass, too', async () => {
      server.answers(status(503), status(200));
      expect((await client({}, { validateStatus: null }).http.get(server.url())).status).toBe(200);
    });
  });

  describe('a host', () => {
    it('has a circuit of its own', async () => {
      server.answers(status(503));
      const { http, adapter } = client({ retry: { maxAttempts: 1 }, breaker: { failureThreshold: 2 } });
      for (let n = 0; n < 2; n++) await failureOf(http.get(server.url()));
      const rejection = await rejectionOf(http.get(server.url()));
      expect(rejection).toBeInstanceOf(CircuitOpenError);
      expect(axios.isAxiosError(rejection)).toBe(false);
      expect((rejection as CircuitOpenError).key).toBe(server.host);
      expect((await http.get(other.url())).status).toBe(200);
      expect(server.received).toHaveLength(2);
      expect([...adapter.breakers].map(([host, { state }]) => [host, state])).toEqual([[server.host, 'open'], [other.host, 'closed']]);
    });

    it.each<[string, (server: TestServer, other: TestServer) => AxiosRequestConfig]>([
      ['the base URL', ({ host }) => ({ baseURL: `http://${host}/api`, url: 'things' })],
      ['an absolute URL, over the base', ({ host }, away) => ({ baseURL: away.url(), url: `http://${host}/api/things` })],
      ['the base, where absolute URLs are not allowed', ({ host }) => ({ baseURL: `http://${host}/api`, url: '/things', allowAbsoluteUrls: false })],
      ['the base alone', ({ host }) => ({ baseURL: `http://${host}/api/things` })],
    ])('is that of %s', async (_what, config) => {
      const { http, adapter } = client();
      await http.request(config(server, other));
      expect([...adapter.breakers.keys()]).toEqual([server.host]);
      expect(server.received[0]?.path).toMatch(/^\/api/);
    });

    it('may be another key', async () => {
      const key = jest.fn((config: InternalAxiosRequestConfig) => String(config.headers.get('x-tenant')));
      const { http, adapter } = client({}, {}, { key, name: 'tenants' });
      await http.get(server.url(), { headers: { 'x-tenant': 'a' } });
      expect([adapter.operation, ...adapter.breakers.keys()]).toEqual(['tenants', 'a']);
    });

    it('is none for data: and for what an own adapter knows', async () => {
      const { http, adapter } = client();
      expect(String((await http.get('data:text/plain,hello')).data)).toBe('hello');
      const own: AxiosAdapter = async (config) => ({ data: 'own', status: 200, statusText: '', headers: {}, config });
      const mine = axiosWith(axios, quick(), { adapter: own });
      expect((await axios.get('/relative', { adapter: mine })).data).toBe('own');
      expect([...adapter.breakers.keys(), ...mine.breakers.keys()]).toEqual([]);
    });
  });

  describe('answers and errors', () => {
    it('have the config of the call, so that it can be sent again', async () => {
      const seen: unknown[] = [];
      const { http } = client({ timeout: '1h' });
      http.interceptors.request.use((config) => {
        seen.push(config);
        return config;
      });
      server.answers(status(401));
      const error = await failureOf(http.get(server.url(), { headers: { 'x-token': 'old' } }));
      expect(error).toBeInstanceOf(AxiosError);
      expect(error.config).toMatchObject({ method: 'get', url: server.url() });
      expect([error.config?.signal, error.response?.config]).toEqual([undefined, error.config]);
      server.answers(status(200, 'renewed'));
      error.config!.headers.set('x-token', 'new');
      const response = await http.request(error.config!);
      expect(response.data).toBe('renewed');
      expect(response.config.signal).toBeUndefined();
    });

    it('are transformed once, after the last attempt', async () => {
      const transformRequest = jest.fn((data: unknown) => JSON.stringify(data));
      const transformResponse = jest.fn((data: string) => JSON.parse(data) as unknown);
      server.answers(status(503, '{"n":1}'), status(200, '{"n":2}'));
      const { http } = client({}, { transformRequest, transformResponse });
      expect((await http.put(server.url(), { one: 1 })).data).toEqual({ n: 2 });
      expect([transformRequest.mock.calls.length, transformResponse.mock.calls.length]).toEqual([1, 1]);
    });

    it('of a timeout of ours is an OperationTimeoutError, and the request is over; of axios, its own', async () => {
      server.answers(never);
      const clock = new TimerClock();
      const { http, adapter } = client({ retry: { maxAttempts: 1 }, timeout: 20, clock });
      const failing = rejectionOf(http.get(server.url()));
      await until(() => server.received.length === 1);
      await clock.advance(20);
      expect(await failing).toBeInstanceOf(OperationTimeoutError);
      await until(() => server.dropped === 1);
      expect((await failureOf(http.get(server.url(), { timeout: 5 }))).code).toBe('ECONNABORTED');
      expect(adapter.breakers.get(server.host)?.stats).toMatchObject({ failures: 2, ignored: 0 });
    });

    it('of a stream that was refused are given up, and the last is the caller’s', async () => {
      const streaming: Answer = (response) => {
        response.writeHead(503).write('the beginning');
      };
      server.answers(streaming, status(200, 'all of it'));
      const { http } = client();
      const { data } = await http.get<AsyncIterable<Buffer>>(server.url(), { responseType: 'stream' });
      await until(() => server.dropped === 1);
      let text = '';
      for await (const chunk of data) text += String(chunk);
      expect(text).toBe('all of it');
    });

    it('may be a fallback, which answers for what rejects', async () => {
      server.answers(status(503));
      const { http } = client({ fallback: (_error: unknown, config: InternalAxiosRequestConfig) => ({ data: '"kept"', status: 200, statusText: '', headers: {}, config }) });
      expect((await http.get(server.url())).data).toBe('kept');
    });
  });

  describe('the caller’s cancellation', () => {
    it.each<[string, () => { config: AxiosRequestConfig; cancel: () => void }]>([
      ['by a signal', () => {
        const controller = new AbortController();
        return { config: { signal: controller.signal }, cancel: () => { controller.abort(); } };
      }],
      ['by a cancel token', () => {
        const { token, cancel } = axios.CancelToken.source();
        return { config: { cancelToken: token }, cancel: () => { cancel('enough'); } };
      }],
    ])('ends the request and the waits, is a CanceledError, and counts for nothing: %s', async (_what, make) => {
      const { http, adapter } = client();
      const running = make();
      server.answers(never);
      const first = rejectionOf(http.get(server.url(), running.config));
      await until(() => server.received.length === 1);
      running.cancel();
      expect(await first).toBeInstanceOf(CanceledError);
      await until(() => server.dropped === 1);
      expect(adapter.breakers.get(server.host)?.stats).toMatchObject({ ignored: 1, failures: 0 });

      const clock = new TimerClock();
      const waiting = client({ retry: { baseDelay: '5s', jitter: false }, clock });
      const later = make();
      server.answers(status(503));
      const second = rejectionOf(waiting.http.get(server.url(), later.config));
      await until(() => clock.delays.includes(5000));
      later.cancel();
      expect(axios.isCancel(await second)).toBe(true);
      expect([server.received.length, clock.armed]).toEqual([2, 0]);
    });

    it('before the call sends nothing', async () => {
      const { http } = client();
      expect(axios.isCancel(await rejectionOf(http.get(server.url(), { signal: AbortSignal.abort() })))).toBe(true);
      expect(server.received).toEqual([]);
    });

    it('leaves nothing at a token that lives on', async () => {
      const { token } = axios.CancelToken.source();
      const { http } = client();
      for (let n = 0; n < 3; n++) await http.get(server.url(), { cancelToken: token });
      expect((token as unknown as { _listeners: unknown[] | null })._listeners ?? []).toEqual([]);
    });

    it('is that of a call around it, too', async () => {
      server.answers(never);
      const { http } = client();
      const load = withPolicies(async () => http.get(server.url()), { name: 'load', timeout: 20, registry: new BreakerRegistry() });
      expect(await rejectionOf(load())).toBeInstanceOf(OperationTimeoutError);
    });
  });

  describe('bad input', () => {
    const errorOf = (make: () => unknown): ConfigurationError => {
      try {
        make();
      } catch (error) {
        if (error instanceof ConfigurationError) return error;
      }
      throw new Error('It was accepted');
    };

    it.each([undefined, null, 5, axios.create(), presets.http()])('refuses what is not axios: %#', (given) => {
      expect(errorOf(() => axiosWith(given as never)).message).toMatch(/^axiosWith: axios: must be axios itself, 1\.5 or later: axiosWith\(axios\)/);
    });

    it('names every problem', () => {
      const issues = errorOf(() => axiosWith(axios, { cache: '1s', retry: { maxAttempts: 0 } }, { name: 5, adapter: [3], keys: 1 } as never)).issues;
      expect(issues.map(({ path }) => path).sort()).toEqual(['adapter', 'cache', 'keys', 'name', 'retry.maxAttempts']);
      expect(errorOf(() => axiosWith(axios, [bulkhead(1), cache('1s')])).message).toMatch(/axios changes the answer/);
    });

    it('an adapter that axios does not know is what axios says of it', async () => {
      const { http } = client({}, {}, { adapter: 'pigeon' });
      expect((await failureOf(http.get(server.url()))).message).toBe("Unknown adapter 'pigeon'");
    });
  });
});
