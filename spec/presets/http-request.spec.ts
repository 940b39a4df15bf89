import { isIdempotent, requestOf } from '../../lib/presets/http-request';

/** What the arguments of a call show: whether it may be repeated; undefined when they show no request. */
function judged(...args: unknown[]): boolean | undefined {
  const request = requestOf(args);
  return request && isIdempotent(request);
}

const url = 'https://example.com/orders';

describe('a request that may be repeated', () => {
  it.each(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE', 'get', 'Put'])('has the method %s', (method) => {
    expect(judged(url, { method })).toBe(true);
    expect(judged({ url, method })).toBe(true);
  });

  it.each(['POST', 'PATCH', 'post', 'CONNECT', 'PURGE'])('has not the method %s', (method) => {
    expect(judged(url, { method })).toBe(false);
    expect(judged(new URL(url), { method, body: 'x' })).toBe(false);
    expect(judged({ url, method, data: {} })).toBe(false);
  });

  it.each<[string, unknown]>([
    ['a plain object', { 'idempotency-KEY': 'a1' }],
    ['Headers', new Headers({ 'Idempotency-Key': 'a1' })],
    ['pairs', [['Accept', '*/*'], ['Idempotency-Key', 'a1']]],
  ])('has an Idempotency-Key, in %s', (_form, headers) => {
    expect(judged(url, { method: 'POST', headers })).toBe(true);
    expect(judged({ url, method: 'PATCH', headers })).toBe(true);
  });

  it.each<[string, unknown[]]>([
    ['a URL alone', [url]],
    ['a path', ['/orders']],
    ['a URL object', [new URL(url)]],
    ['no init', [url, undefined]],
    ['an init without a method', [url, { headers: { accept: '*/*' } }]],
    ['a config of axios.get', [url, { params: { page: 2 }, transformResponse: [] }]],
    ['a config without a method', [{ url, params: { page: 2 } }]],
    ['a Request', [new Request(url)]],
  ])('is a GET where no method is told: %s', (_form, args) => {
    expect(judged(...args)).toBe(true);
  });

  it('tells its method in the init, over that of the Request', () => {
    expect(judged(new Request(url, { method: 'POST', body: 'x' }))).toBe(false);
    expect(judged(new Request(url), { method: 'POST' })).toBe(false);
    expect(judged(new Request(url, { method: 'POST', body: 'x', headers: { 'Idempotency-Key': 'a1' } }))).toBe(true);
  });

  it.each<[string, unknown[]]>([
    ['nothing', []],
    ['an id', ['order-7']],
    ['a number', [7]],
    ['an order', [{ id: 7, amount: 100 }]],
    ['a thing that has a URL among other things', [{ url, events: ['paid'] }]],
    ['the body of axios.post', ['/orders', { amount: 100 }]],
    ['an empty body of axios.post', ['/orders', {}]],
    ['an empty body of axios.post, and a config', ['/orders', {}, { headers: {} }]],
    ['no body of axios.post, and a config', ['/orders', undefined, { headers: {} }]],
    ['a config and something after it', ['/orders', { headers: {} }, undefined]],
    ['a body with a name that is also an option', ['/orders', { amount: 100, priority: 'high' }]],
    ['a body without a method', ['/orders', { body: '{}' }]],
    ['data without a method', [{ url, data: { amount: 100 } }]],
    ['axios.put, whose second argument is no config', ['/orders', { amount: 100 }, { timeout: 1000 }]],
    ['a null init', [url, null]],
    ['a list', [url, ['GET']]],
  ])('cannot be told from %s', (_form, args) => {
    expect(judged(...args)).toBeUndefined();
  });
});
