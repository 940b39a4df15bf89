import { withPolicies, type CacheOptions, type ConfigurationError } from '../../lib';

const fn = async (): Promise<number> => 7;
const issuesOf = (given: unknown): { path: string; message: string }[] => {
  try {
    withPolicies(fn, { cache: given as CacheOptions });
  } catch (error) {
    return (error as ConfigurationError).issues.map(({ path, message }) => ({ path, message }));
  }
  return [];
};

describe('the options of a cache', () => {
  it.each([['5m', 300_000], [100, 100], [Infinity, Infinity]])('take a ttl in short: %p', (short, ttl) => {
    expect(withPolicies(fn, { cache: short as '5m' }).pipeline).toEqual([
      { policy: 'cache', options: { ttl, maxEntries: 1000, coalesce: true } },
    ]);
  });

  it.each([
    [{}, 'cache.ttl', /required|must be/],
    [{ ttl: 0 }, 'cache.ttl', /> 0/],
    [{ ttl: '0s' }, 'cache.ttl', /> 0/],
    [{ ttl: NaN }, 'cache.ttl', /duration/],
    [{ ttl: null }, 'cache.ttl', /duration/],
    [{ ttl: 1, maxEntries: 0 }, 'cache.maxEntries', />= 1/],
    [{ ttl: 1, maxEntries: 2.5 }, 'cache.maxEntries', /integer/],
    [{ ttl: 1, maxEntries: Infinity }, 'cache.maxEntries', /<= 16777216/],
    [{ ttl: 1, key: 'id' }, 'cache.key', /function/],
    [{ ttl: 1, coalesce: 'yes' }, 'cache.coalesce', /true or false/],
    [{ ttl: 1, maxEntry: 2 }, 'cache.maxEntry', /maxEntries/],
  ])('refuse %j', (given, path, message) => {
    const issues = issuesOf(given);
    expect(issues).toHaveLength(1);
    expect(issues[0]).toMatchObject({ path, message: expect.stringMatching(message) });
  });

  it('say what may be given in short', () => {
    expect(issuesOf(null)).toEqual([{ path: 'cache', message: "must be a duration, such as '2s', or an object of options" }]);
  });

  it('name every problem at once', () => {
    expect(issuesOf({ ttl: 0, maxEntries: 0, key: 1 }).map(({ path }) => path)).toEqual(['cache.ttl', 'cache.maxEntries', 'cache.key']);
  });

  it('refuse a stream, and say why', () => {
    const stream = async function* (): AsyncGenerator<number> {
      yield 1;
    };
    expect(() => withPolicies(stream, { cache: '5m' })).toThrow(/a stream cannot be cached/);
  });
});
