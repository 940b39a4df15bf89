import { BreakerRegistry, Cache, cache, cacheOf, withBreaker, withPolicies, withRegistry, withRetry } from '../../lib';
import { scripted, works } from '../composition/support/flaky';
import { collectWarnings } from '../registry/support/warnings';
import { cached } from './support/cached';

describe('cacheOf', () => {
  it('forgets the result for some arguments', async () => {
    const fn = scripted(works());
    const call = withPolicies(fn, { name: 'a', registry: new BreakerRegistry(), cache: '5m' });
    await call('x');
    await call('y');
    expect(cacheOf(call).size).toBe(2);

    expect(cacheOf(call).forget('x')).toBe(true);
    expect(cacheOf(call).forget('x')).toBe(false);
    await call('x');
    await call('y');
    expect(fn.mock.calls.flat()).toEqual(['x', 'y', 'x']);
  });

  it('forgets all', async () => {
    const fn = scripted(works());
    const call = withPolicies(fn, { name: 'a', registry: new BreakerRegistry(), cache: '5m' });
    await call('x');
    cacheOf(call).clear();
    expect(cacheOf(call).size).toBe(0);
    await call('x');
    expect(fn).toHaveBeenCalledTimes(2);
  });

  it('forgets in each of several caches, and tells whether any had kept it', async () => {
    const fn = scripted(works());
    const call = withPolicies(fn, [cache({ ttl: '5m', maxEntries: 1, name: 'a', registry: new BreakerRegistry() }), cache('5m')]);
    await call('x');
    await call('y');
    expect(cacheOf(call).forget('x')).toBe(true);
    expect(cacheOf(call).forget('x')).toBe(false);
    await call('x');
    expect(fn.mock.calls.flat()).toEqual(['x', 'y', 'x']);
  });

  it.each([
    ['forget', (call: ReturnType<typeof cached>['call']) => cacheOf(call).forget('x')],
    ['clear', (call: ReturnType<typeof cached>['call']) => { cacheOf(call).clear(); }],
  ])('%s: what is in flight still serves those who wait, but no later call', async (_which, take) => {
    for (const coalesce of [true, false]) {
      const { fn, call } = cached({ coalesce });
      const before = call('x');
      take(call);
      const after = call('x');
      fn.calls[1]!.resolve('new');
      expect(await after).toBe('new');
      fn.calls[0]!.resolve('old');
      expect(await before).toBe('old');
      expect(await call('x')).toBe('new');
      expect(fn).toHaveBeenCalledTimes(2);
    }
  });

  it('forget: what was in flight neither is kept, nor keeps later calls from sharing a run, when it ends first', async () => {
    const { fn, call } = cached();
    const before = call('x');
    cacheOf(call).forget('x');
    const after = call('x');
    fn.calls[0]!.resolve('old');
    expect(await before).toBe('old');
    const joined = call('x');
    fn.calls[1]!.resolve('new');
    expect([await after, await joined, await call('x')]).toEqual(['new', 'new', 'new']);
    expect(fn).toHaveBeenCalledTimes(2);
  });

  it('forgets nothing where a call has no key', async () => {
    const warnings = collectWarnings();
    const { fn, call } = cached({ coalesce: false });
    const first = call('x');
    expect(cacheOf(call).forget(new Map())).toBe(false);
    fn.calls[0]!.resolve('it');
    await first;
    expect(await call('x')).toBe('it');
    expect(fn).toHaveBeenCalledTimes(1);
    warnings.stop();
  });

  it('looks in the ambient registry, as calls do', async () => {
    const fn = scripted(works());
    const call = withPolicies(fn, { name: 'cache-of.ambient', cache: '5m' });
    const tenant = new BreakerRegistry();
    await withRegistry(tenant, () => call());
    expect(cacheOf(call).size).toBe(0);
    expect(withRegistry(tenant, () => cacheOf(call).size)).toBe(1);
  });

  it('works before the first call, by key, and through wrappers around', async () => {
    const fn = scripted(works());
    const inner = withPolicies(fn, [cache({ ttl: '5m', key: (id: unknown) => String(id), name: 'a', registry: new BreakerRegistry() })]);
    const call = withRetry(inner);
    expect(cacheOf(call).forget(1)).toBe(false);
    await call(1);
    expect(cacheOf(call).forget('1')).toBe(true);
  });

  it('before the first call, it leaves the name of the operation to that', async () => {
    const warnings = collectWarnings();
    const registry = new BreakerRegistry();
    class Users {
      @Cache({ ttl: '5m', registry })
      async get(id: unknown): Promise<unknown> {
        return id;
      }
    }
    expect(cacheOf(Users.prototype.get).size).toBe(0);
    await new Users().get(Symbol('id'));
    expect(warnings.messages()).toEqual([expect.stringContaining('A call of Users.get was not cached')]);
    warnings.stop();
  });

  it.each([['a function that is not protected', async () => 1], ['one without a cache', withBreaker(async () => 1, { name: 'cache-of.none' })], ['nothing', undefined]])(
    'refuses %s', (_which, fn) => {
      expect(() => cacheOf(fn as () => Promise<number>)).toThrow(/^cacheOf: fn: must be a function that a cache protects/);
    },
  );
});
