import fc from 'fast-check';
import { BreakerRegistry, cacheOf, circuitBreaker, cache, withPolicies, withRegistry } from '../../lib';
import { fails, rejectionOf, scripted, works } from '../composition/support/flaky';
import { reactions, TimerClock } from '../support/timer-clock';
import { cached, caller } from './support/cached';

describe('a cache', () => {
  it('keeps a result for its time, from when it was there', async () => {
    const { clock, fn, call, outcomes } = cached();
    const first = call('x');
    await clock.advance(500);
    fn.calls[0]!.resolve('one');
    expect(await first).toBe('one');
    await clock.advance(999);
    expect(await call('x')).toBe('one');
    await clock.advance(1);
    const second = call('x');
    fn.calls[1]!.resolve('two');
    expect(await second).toBe('two');
    expect(outcomes).toEqual(['miss', 'hit', 'miss']);
    expect(clock.delays).toEqual([]);
  });

  it('keeps a result for ever when told to', async () => {
    const { clock, fn, call } = cached({ ttl: Infinity });
    const first = call();
    fn.calls[0]!.resolve('it');
    await first;
    await clock.advance(1e12);
    expect(await call()).toBe('it');
  });

  it('takes a time of less than a millisecond', async () => {
    const { clock, fn, call } = cached({ ttl: 0.5 });
    const first = call();
    fn.calls[0]!.resolve('it');
    await first;
    await clock.advance(0.4);
    expect(await call()).toBe('it');
    await clock.advance(0.1);
    void call();
    expect(fn).toHaveBeenCalledTimes(2);
  });

  it.each([undefined, null, 0, '', false, Number.NaN])('keeps %p like any other result', async (value) => {
    const { fn, call, outcomes } = cached();
    const first = call();
    fn.calls[0]!.resolve(value);
    await first;
    expect(await call()).toBe(value);
    expect(outcomes).toEqual(['miss', 'hit']);
  });

  it('never keeps a failure', async () => {
    const { fn, call, outcomes } = cached();
    const first = rejectionOf(call());
    fn.calls[0]!.reject(new Error('down'));
    expect(await first).toEqual(new Error('down'));
    const second = call();
    fn.calls[1]!.resolve('up');
    expect(await second).toBe('up');
    expect(outcomes).toEqual(['miss', 'miss']);
  });

  it('gives all callers the very same object', async () => {
    const { fn, call } = cached();
    const first = call();
    fn.calls[0]!.resolve({ name: 'x' });
    expect(await call()).toBe(await first);
  });

  it('keeps what was used last, in whatever order calls come', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 60 }), async (maxEntries, keys) => {
        const fn = jest.fn(async (key: number) => key);
        const call = withPolicies(fn, { name: 'a', registry: new BreakerRegistry(), cache: { ttl: Infinity, maxEntries } });
        let used: number[] = [];
        let misses = 0;
        for (const key of keys) {
          if (!used.includes(key)) misses++;
          used = [...used.filter((other) => other !== key), key].slice(-maxEntries);
          expect(await call(key)).toBe(key);
          expect([fn.mock.calls.length, cacheOf(call).size]).toEqual([misses, used.length]);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('drops the least recently used result for room', async () => {
    const fn = scripted(works());
    const call = withPolicies(fn, { name: 'a', registry: new BreakerRegistry(), cache: { ttl: Infinity, maxEntries: 2 } });
    for (const id of ['a', 'b', 'a', 'c', 'a', 'b']) await call(id);
    expect(fn.mock.calls.flat()).toEqual(['a', 'b', 'c', 'b']);
  });

  it('answers without the breaker inside it: hits work while the circuit is open', async () => {
    const call = withPolicies(scripted(works('kept'), fails()), {
      name: 'a', registry: new BreakerRegistry(), cache: '5m', breaker: { failureThreshold: 1 },
    });
    await call('x');
    await rejectionOf(call('y'));
    expect(call.breaker!.state).toBe('open');
    expect(await call('x')).toBe('kept');
    expect(await rejectionOf(call('y'))).toMatchObject({ code: 'BREAKER_OPEN' });
    expect(call.breaker!.stats).toMatchObject({ calls: 2, rejected: 1 });
  });

  it('stands outside the breaker that counts for who asks for none: hits are not counted', async () => {
    const { fn, call } = cached();
    const first = call();
    fn.calls[0]!.resolve('it');
    await first;
    await call();
    expect(call.breaker!.stats).toMatchObject({ calls: 1, successes: 1 });
  });

  it('inside a breaker: hits count as successes', async () => {
    const call = withPolicies(scripted(works()), [
      circuitBreaker({ name: 'a', registry: new BreakerRegistry(), allow: ['BREAKER_BOX_CACHE_INSIDE_BREAKER'] }),
      cache('5m'),
    ]);
    await call();
    await call();
    expect(call.breaker!.stats).toMatchObject({ calls: 2, successes: 2 });
  });

  it('rejects a call that is aborted already, also one it could answer', async () => {
    const { registry, fn, call } = cached();
    const first = call();
    fn.calls[0]!.resolve('it');
    await first;
    const { controller, calls } = caller(registry);
    const reason = new Error('the user left');
    expect(await rejectionOf(calls(() => {
      controller.abort(reason);
      return call();
    }))).toBe(reason);
  });

  it('takes a synchronous throw for a failure (rule 4)', async () => {
    const fn = jest.fn((): Promise<void> => { throw new Error('sync'); });
    const call = withPolicies(fn, { name: 'a', registry: new BreakerRegistry(), cache: '5m' });
    expect(await rejectionOf(call())).toEqual(new Error('sync'));
    expect(await rejectionOf(call())).toEqual(new Error('sync'));
    expect(fn).toHaveBeenCalledTimes(2);
  });

  it('tells of each lookup: the call it belongs to, and when', async () => {
    const { registry, fn, call } = cached();
    const [lookups, ended] = [jest.fn(), jest.fn()];
    registry.on('cache', lookups);
    registry.on('call', ended);
    const result = call();
    fn.calls[0]!.resolve();
    await result;
    await reactions();
    expect(lookups.mock.calls).toEqual([[{
      type: 'cache', operation: 'a', at: 1_700_000_000_000, callId: ended.mock.calls[0][0].callId, attempt: 1, outcome: 'miss',
    }]]);
  });

  it('keeps its results apart by registry, and through changes of the ambient one', async () => {
    const fn = scripted(works());
    const call = withPolicies(fn, { name: 'cache.kept', clock: new TimerClock(), cache: '5m' });
    const [one, other] = [new BreakerRegistry(), new BreakerRegistry()];
    for (const registry of [one, other, one, other]) await withRegistry(registry, () => call('x'));
    expect(fn).toHaveBeenCalledTimes(2);
  });
});
