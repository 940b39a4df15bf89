import {
  BreakerRegistry, BulkheadFullError, CircuitOpenError, ConfigurationError, OperationTimeoutError, RateLimitedError, ThrottledError, withBreaker,
} from '../../lib';
import { httpErrorOf } from '../../lib/http';
import { rejectionOf } from '../composition/support/flaky';

const open = (retryAfter: number) =>
  new CircuitOpenError({ operation: 'db.users', key: 'shard-7', state: 'open', retryAfter, openedAt: 0, cause: new Error('password wrong') });

describe('httpErrorOf', () => {
  it.each([
    ['an open circuit', open(11_200), 503, 'Service Unavailable', '12', 'temporarily unavailable, try again in 12 s'],
    ['an open circuit that probes', open(0), 503, 'Service Unavailable', undefined, 'temporarily unavailable, try again later'],
    ['a circuit forced open without end', open(Infinity), 503, 'Service Unavailable', undefined, 'temporarily unavailable, try again later'],
    ['a full bulkhead', new BulkheadFullError('db.users', 20, 0), 503, 'Service Unavailable', undefined, 'temporarily overloaded, try again later'],
    ['a throttled call', new ThrottledError('db.users', 1), 503, 'Service Unavailable', '1', 'temporarily overloaded, try again in 1 ms'],
    ['a rate limit', new RateLimitedError('db.users', 2000), 429, 'Too Many Requests', '2', 'too many requests, try again in 2 s'],
    ['a timeout', new OperationTimeoutError('db.users', 500), 504, 'Gateway Timeout', undefined, 'no answer in time, try again later'],
  ])('answers %s', (_what, error, status, words, retryAfter, message) => {
    expect(httpErrorOf(error)).toEqual({
      status,
      headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter },
      body: { statusCode: status, error: words, message, code: error.code },
    });
  });

  it('leaves errors alone that are not of a policy', () => {
    const others = [new Error('down'), Object.assign(new Error('fake'), { code: 'BREAKER_OPEN' }), undefined, null, 'BREAKER_OPEN', new ConfigurationError('x', [])];
    for (const error of others) expect(httpErrorOf(error)).toBeUndefined();
  });

  it('tells nothing of the inside of the server', async () => {
    const call = withBreaker(async () => { throw new Error('password wrong'); }, { name: 'db.users', failureThreshold: 1, registry: new BreakerRegistry() });
    await rejectionOf(call());
    const answer = JSON.stringify(httpErrorOf(await rejectionOf(call())));
    expect(answer).toContain('503');
    expect(answer).not.toMatch(/db\.users|password/);
  });
});
