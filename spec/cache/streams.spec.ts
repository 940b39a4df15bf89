import { Readable } from 'node:stream';
import { BreakerRegistry, cache, circuitBreaker, withPolicies } from '../../lib';
import { pending, rejectionOf } from '../composition/support/flaky';
import { reactions } from '../support/timer-clock';
import { cached, caller } from './support/cached';

async function* numbers(): AsyncGenerator<number> {
  yield 1;
  yield 2;
}

async function itemsOf(stream: unknown): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const item of stream as AsyncIterable<unknown>) items.push(item);
  return items;
}

describe('a cache of a function that promises a stream', () => {
  let warnings: jest.SpyInstance;

  beforeEach(() => {
    warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  });
  afterEach(() => {
    expect(warnings.mock.calls).toEqual([
      ['A call of a was not cached: it gave a stream, which can be read but once', expect.objectContaining({ code: 'BREAKER_BOX_CACHE_SKIPPED' })],
    ]);
    warnings.mockRestore();
  });

  it.each<[string, () => unknown]>([
    ['an async generator', numbers],
    ['a stream of Node', () => Readable.from([1, 2])],
    ['a stream of the web', () => ReadableStream.from([1, 2])],
  ])('never keeps it, and says so once: %s', async (_form, make) => {
    for (const coalesce of [true, false]) {
      warnings.mockClear();
      const call = withPolicies(async () => make(), { name: 'a', registry: new BreakerRegistry(), cache: { ttl: '1m', coalesce } });
      for (let n = 0; n < 3; n++) expect(await itemsOf(await call())).toEqual([1, 2]);
    }
  });

  it('gives each of those that wait for one run a stream of its own', async () => {
    const { fn, call } = cached();
    const calls = [call(), call(), call()];
    expect(fn).toHaveBeenCalledTimes(1);
    fn.calls[0]!.resolve(numbers());
    await reactions();
    expect(fn).toHaveBeenCalledTimes(3);
    fn.calls[1]!.resolve(numbers());
    fn.calls[2]!.resolve(numbers());
    for (const stream of await Promise.all(calls)) expect(await itemsOf(stream)).toEqual([1, 2]);
  });

  it('gives the stream to one who waits, when the caller whose run it is has left', async () => {
    const { registry, fn, call } = cached();
    const { controller, calls } = caller(registry);
    const left = rejectionOf(calls(() => call()));
    const stays = call();
    controller.abort(new Error('left'));
    await left;
    fn.calls[0]!.resolve(numbers());
    expect(await itemsOf(await stays)).toEqual([1, 2]);
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it('does not run again for a caller that is aborted as the stream comes (rule 20)', async () => {
    const { registry, fn, call } = cached();
    const { controller, calls } = caller(registry);
    const reason = new Error('left');
    // It gets the stream, and the other is aborted before it can see that it does not.
    const first = call().then(() => { controller.abort(reason); });
    const second = rejectionOf(calls(() => call()));
    fn.calls[0]!.resolve(numbers());
    await first;
    expect(await second).toBe(reason);
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it('counts the run of one’s own in the breaker around, and rejects with its error', async () => {
    const fn = pending();
    const call = withPolicies(fn, [
      circuitBreaker({ name: 'a', registry: new BreakerRegistry(), allow: ['BREAKER_BOX_CACHE_INSIDE_BREAKER'] }),
      cache('5m'),
    ]);
    const [first, second, third] = [call(), rejectionOf(call()), call()];
    fn.calls[0]!.resolve(numbers());
    await first;
    await reactions();
    fn.calls[1]!.reject(new Error('down'));
    fn.calls[2]!.resolve(numbers());
    expect(await second).toEqual(new Error('down'));
    expect(await itemsOf(await third)).toEqual([1, 2]);
    expect(call.breaker!.stats).toMatchObject({ calls: 3, successes: 2, failures: 1 });
  });
});
