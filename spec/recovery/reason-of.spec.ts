import { createServer } from 'node:http';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { Breaker, withPolicies } from '../../lib';
import { ErrorRecoveryManager, RetryReason, type RetryStrategy } from '../../lib/recovery';
import { capturedErrors, revive } from '../support/captured-errors';
import { deferred } from './support/doubles';

/** The reason that a strategy is told for an error. */
async function reasonFor(error: unknown): Promise<RetryReason | undefined> {
  let seen: RetryReason | undefined;
  const retryStrategy: RetryStrategy = {
    shouldRetry: (_attempt, _error, reason) => {
      seen = reason;
      return false;
    },
    getDelay: () => 0,
    recordAttempt: () => undefined,
  };
  const fn = () => Promise.reject(error);
  await new ErrorRecoveryManager({ retryStrategy }).executeWithRetry(fn, { operationName: 'any' }).catch(() => undefined);
  return seen;
}

const thrownBy = (run: () => Promise<unknown>) => run().then(() => undefined, (error: unknown) => error);
const withCode = (code: string | number) => Object.assign(new Error('failed'), { code });
const withStatus = (status: number, message = 'failed') => Object.assign(new Error(message), { status });
const named = (name: string, message = 'failed') => Object.assign(new Error(message), { name });

describe('RetryReason', () => {
  it('has snake-case values', () => {
    expect(Object.values(RetryReason)).toEqual([
      'network_error',
      'api_quota_exceeded',
      'temporary_unavailable',
      'rate_limited',
      'download_failed',
      'service_unavailable',
      'server_error',
      'resource_exhausted',
      'timeout',
      'unknown',
    ]);
  });
});

describe('the reason of a failure', () => {
  it.each([
    ['ECONNRESET', 'network_error'],
    ['ECONNREFUSED', 'network_error'],
    ['ECONNABORTED', 'network_error'],
    ['ENOTFOUND', 'network_error'],
    ['EAI_AGAIN', 'network_error'],
    ['EPIPE', 'network_error'],
    ['EHOSTUNREACH', 'network_error'],
    ['ENETUNREACH', 'network_error'],
    ['UND_ERR_SOCKET', 'network_error'],
    ['HPE_INVALID_CONSTANT', 'network_error'],
    ['ETIMEDOUT', 'timeout'],
    ['ESOCKETTIMEDOUT', 'timeout'],
    ['UND_ERR_CONNECT_TIMEOUT', 'timeout'],
    ['UND_ERR_HEADERS_TIMEOUT', 'timeout'],
    ['ENOSPC', 'resource_exhausted'],
    ['EMFILE', 'resource_exhausted'],
    ['ENOMEM', 'resource_exhausted'],
    ['ERR_WORKER_OUT_OF_MEMORY', 'resource_exhausted'],
    ['EIO', 'download_failed'],
    ['EACCES', 'download_failed'],
    ['ENOENT', 'download_failed'],
    ['ERR_INVALID_ARG_TYPE', 'unknown'],
    ['auth/wrong-password', 'unknown'],
  ])('by the code %s is %s', async (code, reason) => {
    expect(await reasonFor(withCode(code))).toBe(reason);
  });

  it.each([
    [429, 'rate_limited'],
    [503, 'service_unavailable'],
    [500, 'server_error'],
    [502, 'server_error'],
    [504, 'server_error'],
    [599, 'server_error'],
    [408, 'timeout'],
    [404, 'unknown'],
    [403, 'unknown'],
    [200, 'unknown'],
  ])('by the HTTP status %d is %s', async (status, reason) => {
    expect(await reasonFor(withStatus(status))).toBe(reason);
  });

  it.each([
    ['status', withStatus(503)],
    ['statusCode', Object.assign(new Error(), { statusCode: 503 })],
    ['response.status', Object.assign(new Error(), { code: 'ERR_BAD_RESPONSE', response: { status: 503 } })],
    ['response.statusCode', Object.assign(new Error(), { response: { statusCode: 503 } })],
    ['a numeric code', withCode(503)],
    ['a code in digits', withCode('503')],
    ['a response that is thrown', new Response(null, { status: 503 })],
  ])('finds the HTTP status in %s', async (_where, error) => {
    expect(await reasonFor(error)).toBe('service_unavailable');
  });

  it('is an exceeded quota when a 429 or 403 says so', async () => {
    expect(await reasonFor(withStatus(429, 'Quota exceeded for quota metric'))).toBe('api_quota_exceeded');
    expect(await reasonFor(withStatus(403, 'You have exceeded your quota.'))).toBe('api_quota_exceeded');
    expect(await reasonFor(withStatus(400, 'quota must be a number'))).toBe('unknown');
  });

  it.each([
    [named('TimeoutError'), 'timeout'],
    [named('ConnectionError'), 'network_error'],
    [named('NetworkError'), 'network_error'],
    [new TypeError('fetch failed'), 'network_error'],
    [new TypeError('Failed to fetch'), 'network_error'],
    // Rule 48: the presets know more words of it.
    [new TypeError('Network request failed'), 'network_error'],
    [new Error('Network connection lost.'), 'network_error'],
    [withCode('ERR_HTTP2_STREAM_ERROR'), 'network_error'],
    [new TypeError('Load failed'), 'network_error'],
    [new TypeError('x is not a function'), 'unknown'],
    [new RangeError('Array buffer allocation failed'), 'resource_exhausted'],
    [new RangeError('out of bounds'), 'unknown'],
    [named('AbortError'), 'unknown'],
  ])('by name and words of %s is %s', async (error, reason) => {
    expect(await reasonFor(error)).toBe(reason);
  });

  it('is looked for in the causes, where the error itself does not tell', async () => {
    const caused = (cause: unknown) => new Error('saving failed', { cause });

    expect(await reasonFor(caused(caused(withCode('ECONNRESET'))))).toBe('network_error');
    expect(await reasonFor(new TypeError('fetch failed', { cause: withCode('UND_ERR_CONNECT_TIMEOUT') }))).toBe('timeout');
    expect(await reasonFor(caused(new TypeError('fetch failed')))).toBe('network_error');
    expect(await reasonFor(withStatus(503))).toBe('service_unavailable');
    expect(await reasonFor(Object.assign(withStatus(503), { cause: withCode('ECONNRESET') }))).toBe('service_unavailable');
  });

  it.each<[string, string, string]>([
    ['pg', 'deadlock', 'temporary_unavailable'],
    ['pg', 'connection closed', 'network_error'],
    ['pg', 'pool timeout', 'service_unavailable'],
    ['pg', 'statement timeout', 'timeout'],
    ['pg', 'disk is full', 'server_error'],
    ['pg', 'unique violation', 'unknown'],
    ['pg', 'connection refused at every address', 'network_error'],
    ['sequelize-mariadb', 'connection refused', 'network_error'],
    ['sequelize-mariadb', 'deadlock', 'temporary_unavailable'],
    ['prisma', 'connection refused, of a model', 'service_unavailable'],
    ['mssql', 'built: deadlock', 'temporary_unavailable'],
    ['mssql', 'built: connection reset', 'network_error'],
    ['mssql', 'built: unique violation', 'unknown'],
    ['redis', 'ioredis: connection closed during a pipeline', 'network_error'],
  ])('rule 48: is what a database client says: %s, %s is %s', async (client, scenario, reason) => {
    expect(await reasonFor(revive(capturedErrors(client)[scenario]!))).toBe(reason);
  });

  it('of a cycle of causes is found out', async () => {
    const error = new Error('one');
    error.cause = new Error('other', { cause: error });

    expect(await reasonFor(error)).toBe('unknown');
  });

  it.each([[undefined], [null], ['ECONNRESET'], [429], [{}], [Object.create(null)]])('of %p is unknown', async (thrown) => {
    expect(await reasonFor(thrown)).toBe('unknown');
  });

  it('of our own errors is what they say', async () => {
    const open = new Breaker({ name: 'elsewhere' });
    open.trip();
    const slow = withPolicies(() => deferred<string>().promise, { name: 'reason.slow', retry: { maxAttempts: 1, attemptTimeout: 1 } });

    expect(await reasonFor(await thrownBy(() => open.execute(() => 1)))).toBe('temporary_unavailable');
    expect(await reasonFor(await thrownBy(slow))).toBe('timeout');
  });
});

describe('the reason of what Node really throws', () => {
  it('by fetch where nobody listens is network_error', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');

    expect(await reasonFor(await thrownBy(() => fetch(`http://127.0.0.1:${port}/`)))).toBe('network_error');
  });

  it('by fetch of a connection that is cut is network_error, before and within the body', async () => {
    const server = createServer((request, response) => {
      if (request.url === '/body') response.writeHead(200, { 'content-length': '10' }).write('12345', () => request.socket.destroy());
      else request.socket.destroy();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const early = await thrownBy(() => fetch(origin));
      const late = await thrownBy(async () => (await fetch(`${origin}/body`)).text());

      expect(await reasonFor(early)).toBe('network_error');
      expect(await reasonFor(late)).toBe('network_error');
    } finally {
      server.close();
    }
  });

  it('by a signal that times out is timeout', async () => {
    expect(await reasonFor(new DOMException('The operation was aborted due to timeout', 'TimeoutError'))).toBe('timeout');
  });

  it('by a file that is not there is download_failed', async () => {
    expect(await reasonFor(await thrownBy(() => readFile('/no/such/file')))).toBe('download_failed');
  });
});
