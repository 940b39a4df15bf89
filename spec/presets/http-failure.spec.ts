import { BreakerRegistry, withBreaker } from '../../lib';
import { httpFailure } from '../../lib/presets';
import { isConnectionFailure } from '../../lib/presets/connection-failure';
import { isOutage, isTransientError, statusOf } from '../../lib/presets/http-failure';
import { isOwnMistake } from '../../lib/presets/own-mistake';
import { rejectionOf } from '../composition/support/flaky';

const coded = (code: string, message = 'lost') => Object.assign(new Error(message), { code });
const fetchFailed = (cause?: unknown) => (cause === undefined ? new TypeError('fetch failed') : new TypeError('fetch failed', { cause }));
/** Another realm's `TypeError`, or that of Node under Jest, is no instance of this one's. */
const named = (name: string, message: string, fields: object = {}) => Object.assign(new Error(message), { name }, fields);

describe('httpFailure', () => {
  it.each([408, 425, 429, 500, 502, 503, 504, 529])('is true for a response with status %i', (status) => {
    expect(httpFailure(new Response(null, { status }))).toBe(true);
    expect(httpFailure({ status })).toBe(true);
    expect(httpFailure({ statusCode: status })).toBe(true);
    expect(httpFailure(Object.assign(new Error('axios'), { response: { status } }))).toBe(true);
    expect(httpFailure(Object.assign(new Error('got'), { response: { statusCode: status } }))).toBe(true);
    expect(httpFailure(new Error('wrapped', { cause: Object.assign(new Error('superagent'), { status }) }))).toBe(true);
  });

  it.each([200, 204, 301, 304, 400, 401, 403, 404, 409, 410, 413, 422])('is false for a response with status %i', (status) => {
    expect(httpFailure({ status })).toBe(false);
    expect(httpFailure(Object.assign(new Error('axios'), { response: { status } }))).toBe(false);
  });

  it.each([
    ['undefined', undefined], ['null', null], ['a text', 'HTTP 503'], ['a number', 503], ['a status in words', { status: 'failed' }],
    ['a status out of range', { status: 1000 }], ['a status of 0', { status: 0 }], ['NaN', { status: Number.NaN }],
    ['an error without a status', new Error('503')], ['a null response', { response: null }],
  ])('is false for what has no status: %s', (_what, value) => {
    expect(httpFailure(value)).toBe(false);
  });

  it('survives what throws when it is read, and causes in a circle', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(httpFailure(proxy)).toBe(false);
    const circular: { cause?: unknown } = {};
    circular.cause = circular;
    expect(httpFailure(circular)).toBe(false);
  });

  it.each([coded('ECONNREFUSED'), Object.assign(new Error('HTTP 503'), { status: 503 })])(
    'does not take what happened to another call, the cause of an open circuit, for what happened to this one: %s', async (cause) => {
      const call = withBreaker(async () => { throw cause; }, { failureThreshold: 1, registry: new BreakerRegistry() });
      await rejectionOf(call());
      const rejection = await rejectionOf(call());
      expect(rejection).toMatchObject({ code: 'BREAKER_OPEN', cause });
      expect([httpFailure(rejection), isTransientError(rejection), isConnectionFailure(rejection)]).toEqual([false, false, false]);
    },
  );

  it('takes the status that stands outermost', () => {
    expect(statusOf({ status: 404, cause: { status: 503 } })).toBe(404);
  });
});

describe('a connection failure', () => {
  it.each(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN', 'UND_ERR_SOCKET', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'ERR_NETWORK'])(
    'is %s, on the error or on its cause, and worth another attempt', (code) => {
      expect(isConnectionFailure(coded(code))).toBe(true);
      expect(isTransientError(fetchFailed(coded(code)))).toBe(true);
      expect(isOutage(fetchFailed(coded(code)))).toBe(true);
    },
  );

  it.each([
    ['a browser, which tells no cause', new TypeError('Failed to fetch')],
    ['a time-out of AbortSignal.timeout', new DOMException('late', 'TimeoutError')],
    ['a body that broke off', named('TypeError', 'terminated', { cause: coded('UND_ERR_SOCKET') })],
  ])('is that of %s', (_what, error) => {
    expect(isTransientError(error)).toBe(true);
    expect(isOwnMistake(error)).toBe(false);
  });

  it.each([
    ['a name that does not exist', coded('ENOTFOUND')],
    ['an expired certificate', coded('CERT_HAS_EXPIRED')],
    ['a self-signed certificate', coded('DEPTH_ZERO_SELF_SIGNED_CERT')],
    ['an unknown scheme', new Error('unknown scheme')],
  ])('is not %s: another attempt would meet it again, but it counts', (_what, cause) => {
    expect(isTransientError(fetchFailed(cause))).toBe(false);
    expect(isOutage(fetchFailed(cause))).toBe(true);
    expect(isOwnMistake(fetchFailed(cause))).toBe(false);
  });

  it.each([
    ['a bad URL', named('TypeError', 'Failed to parse URL from /x', { cause: Object.assign(new TypeError('Invalid URL'), { code: 'ERR_INVALID_URL' }) })],
    ['a header that fetch refuses', new TypeError('Headers.append: "\\n" is an invalid header value.')],
    ['a slip of the program', new TypeError("Cannot read properties of undefined (reading 'id')")],
    ['an abort, in axios’ words', Object.assign(new Error('canceled'), { code: 'ERR_CANCELED', name: 'CanceledError' })],
  ])('is not %s: the caller’s own', (_what, error) => {
    expect(isTransientError(error)).toBe(false);
    expect(isOwnMistake(error)).toBe(true);
  });
});
