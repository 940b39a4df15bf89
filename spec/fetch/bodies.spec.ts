import { BreakerRegistry } from '../../lib';
import { fetchWith } from '../../lib/fetch';
import { presets } from '../../lib/presets';
import { rejectionOf } from '../composition/support/flaky';
import { status, TestServer } from './support/test-server';

let server: TestServer;

beforeEach(async () => {
  server = await TestServer.start();
});
afterEach(() => server.close());

const policies = () => ({ ...presets.http({ retry: { baseDelay: 1 }, breaker: { failureThreshold: 100 } }), registry: new BreakerRegistry() });
const put = (body: unknown, more: object = {}) => ({ method: 'PUT', body, duplex: 'half', ...more }) as RequestInit;
const bodies = () => server.received.map(({ body }) => body);

describe('the body of a request', () => {
  it.each<[string, () => unknown]>([
    ['a text', () => 'hello'],
    ['bytes', () => new TextEncoder().encode('hello')],
    ['a Blob', () => new Blob(['hello'])],
    ['form fields', () => new URLSearchParams({ hello: '' })],
  ])('is sent again when it is %s', async (_what, make) => {
    server.answers(status(503), status(503), status(200));
    expect((await fetchWith(policies())(server.url(), put(make()))).status).toBe(200);
    expect(bodies().map((body) => body.replace('=', ''))).toEqual(['hello', 'hello', 'hello']);
  });

  it.each<[string, () => unknown]>([
    ['a stream of the web', () => new Blob(['hello']).stream()],
    ['an async generator', async function* () { yield 'hello'; }],
  ])('is sent once when it is %s, which cannot be read again', async (_what, make) => {
    server.answers(status(503));
    const body = make();
    expect((await fetchWith(policies())(server.url(), put(typeof body === 'function' ? body() : body))).status).toBe(503);
    expect(bodies()).toEqual(['hello']);
  });

  it('is sent once when it is a stream, whatever a predicate of one’s own says', async () => {
    server.answers(status(503));
    const { retry, registry } = { ...policies() };
    await fetchWith({ retry: { ...retry, idempotent: true }, registry })(server.url(), put(new Blob(['hello']).stream()));
    expect(bodies()).toEqual(['hello']);
  });

  it('of a Request is copied for each attempt', async () => {
    server.answers(status(503), status(200));
    expect((await fetchWith(policies())(new Request(server.url(), put('hello')))).status).toBe(200);
    expect(bodies()).toEqual(['hello', 'hello']);
  });

  it('of a Request that is not repeated is not copied, and is read as fetch reads it', async () => {
    const request = new Request(server.url(), { method: 'POST', body: 'hello' });
    const clone = jest.spyOn(request, 'clone');
    await fetchWith(policies())(request);
    expect(clone).not.toHaveBeenCalled();
    expect(request.bodyUsed).toBe(true);
    // Once more, it fails as it does with fetch.
    expect(String(await rejectionOf(fetchWith(policies())(request)))).toBe(String(await rejectionOf(fetch(request))));
    expect(bodies()).toEqual(['hello']);
  });
});

describe('the body of a response', () => {
  it('is the caller’s, unread, when it is the last one refused', async () => {
    server.answers(status(503, 'first'), status(503, 'second'), status(503, 'third'));
    const response = await fetchWith(policies())(server.url());
    expect([response.bodyUsed, await response.text()]).toEqual([false, 'third']);
  });

  it('is given up when the response is refused and tried again', async () => {
    const responses: Response[] = [];
    const spied = jest.fn(async (input: Parameters<typeof fetch>[0], init?: RequestInit) => {
      const response = await fetch(input, init);
      responses.push(response);
      return response;
    });
    server.answers(status(503, 'x'.repeat(1_000_000)), status(503, 'x'.repeat(1_000_000)), status(200, 'well'));
    await fetchWith(policies(), { fetch: spied })(server.url());
    expect(responses).toHaveLength(3);
    for (const refused of responses.slice(0, 2)) {
      // A cancelled body is at its end; one that is left would give its bytes.
      expect(await refused.body?.getReader().read()).toEqual({ done: true, value: undefined });
    }
    expect(await responses[2]?.text()).toBe('well');
  });

  it('is given up of every hedge of an attempt that was refused', async () => {
    const responses: Response[] = [];
    const own = jest.fn(async (..._args: Parameters<typeof fetch>) => {
      const response = new Response('body', { status: responses.length < 2 ? 503 : 200 });
      responses.push(response);
      return response;
    });
    // Both runs of the first attempt have answered before the faster one is judged.
    const { promise: both, resolve } = withResolvers();
    const slow: typeof fetch = async (...args) => {
      const response = await own(...args);
      if (responses.length === 2) resolve();
      await both;
      return response;
    };
    const registry = new BreakerRegistry();
    const protectedFetch = fetchWith({ retry: { baseDelay: 1 }, hedge: 0, registry }, { fetch: slow });
    const response = await protectedFetch(server.url());
    expect([response.status, await response.text()]).toEqual([200, 'body']);
    for (const refused of responses.slice(0, 2)) expect(await refused.body?.getReader().read()).toEqual({ done: true, value: undefined });
  });

  it('is kept while the circuit may make it the result', async () => {
    server.answers(status(503, 'kept'));
    const registry = new BreakerRegistry();
    const protectedFetch = fetchWith({
      ...presets.http({ retry: { baseDelay: 1, onRetry: () => { protectedFetch.breakers.get(server.host)?.trip(); } } }),
      registry,
    });
    const response = await protectedFetch(server.url());
    expect(await response.text()).toBe('kept');
    expect(server.received).toHaveLength(1);
  });

  it('is given up when it comes too late, from a fetch that does not listen to its signal', async () => {
    const late = new Response('late');
    const deaf = jest.fn(() => new Promise<Response>((resolve) => { setTimeout(() => { resolve(late); }, 60); }));
    const protectedFetch = fetchWith({ timeout: 10, registry: new BreakerRegistry() }, { fetch: deaf });
    expect(await rejectionOf(protectedFetch(server.url()))).toMatchObject({ code: 'BREAKER_TIMEOUT' });
    await deaf.mock.results[0]?.value;
    await new Promise((resolve) => { setImmediate(resolve); });
    expect(await late.body?.getReader().read()).toEqual({ done: true, value: undefined });
  });
});

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
