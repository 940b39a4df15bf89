import { BreakerRegistry, cacheOf, withPolicies, type CacheOptions } from '../../lib';
import { pending } from '../composition/support/flaky';
import { errorOf } from '../support/decorator-fixtures/misuse';
import { TimerClock } from '../support/timer-clock';

/** Operations `a` and `b` of one registry, whose caches are of one group. */
function twoOf(given: Partial<CacheOptions> = {}, other = given) {
  const registry = new BreakerRegistry({ clock: new TimerClock() });
  const runs: unknown[][] = [];
  const operation = (name: string, cache: Partial<CacheOptions>) =>
    withPolicies(async (...args: unknown[]) => (runs.push([name, ...args]), `${name} ${runs.length}`), { name, registry, cache: { ttl: '1m', group: 'pages', ...cache } });
  return { registry, runs, a: operation('a', given), b: operation('b', other) };
}

describe('rule 61: caches of one group', () => {
  it('share their room: for the result of one operation, one of another goes', async () => {
    const { runs, a, b } = twoOf({ maxEntries: 2 });
    await a(1);
    await a(2);
    await b(1);
    await a(2);
    await a(1);
    expect(runs).toEqual([['a', 1], ['a', 2], ['b', 1], ['a', 1]]);
  });

  it('have a result for each operation', async () => {
    const { a, b } = twoOf();
    expect([await a(1), await b(1), await a(1)]).toEqual(['a 1', 'b 2', 'a 1']);
  });

  it('share results and runs in flight where a `key` says that they are the same', async () => {
    const key = (id: unknown): string => String(id);
    const registry = new BreakerRegistry();
    const fn = pending();
    const [a, b] = ['a', 'b'].map((name) => withPolicies(async (id: number) => fn(name, id), { name, registry, cache: { ttl: '1m', group: 'pages', key } }));
    const both = [a!(1), b!(1)];
    fn.calls[0]!.resolve('it');
    expect([...(await Promise.all(both)), await b!(1)]).toEqual(['it', 'it', 'it']);
    expect(fn.mock.calls).toEqual([['a', 1]]);
  });

  it('do not mistake the names of operations for parts of keys', async () => {
    const registry = new BreakerRegistry();
    const cache = { ttl: '1m', group: 'pages' } as const;
    const one = withPolicies(async (..._args: unknown[]) => 'one', { name: 'a', registry, cache });
    const other = withPolicies(async (..._args: unknown[]) => 'other', { name: 'a"undefined("x"', registry, cache });
    expect([await one('x'), await other(), await one('x')]).toEqual(['one', 'other', 'one']);
  });

  it('are cleared together, and forget by operation', async () => {
    const { runs, a, b } = twoOf();
    await a(1);
    await b(1);
    expect([cacheOf(a).forget(1), cacheOf(a).forget(1)]).toEqual([true, false]);
    await b(1);
    expect(runs).toHaveLength(2);
    cacheOf(a).clear();
    await b(1);
    expect(runs).toHaveLength(3);
  });

  it('must agree on their options', () => {
    expect(errorOf(() => twoOf({ ttl: '1m' }, { ttl: '2m' }))).toMatchObject({ code: 'BREAKER_CONFIG', operation: 'b', issues: [{ path: 'ttl', received: 120_000 }] });
  });
});
