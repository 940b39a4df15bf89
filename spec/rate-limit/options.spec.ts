import { ConfigurationError, getPolicies, rateLimit, RateLimit, withPolicies, type RateLimitOptions } from '../../lib';

const protect = (options: unknown) => withPolicies(async () => undefined, { rateLimit: options as RateLimitOptions });

/** The problems of some options, by path. */
function problemsOf(options: unknown): Record<string, string> {
  try {
    protect(options);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return Object.fromEntries((error as ConfigurationError).issues.map(({ path, message }) => [path, message]));
  }
  return {};
}

describe('the options of a rate limit', () => {
  it('have defaults', () => {
    expect(protect({ limit: 5 }).pipeline).toMatchObject([{ policy: 'rateLimit', options: { limit: 5, interval: 1000, maxWait: 0, maxKeys: 1000 } }]);
  });

  it.each([
    [5, { limit: 5 }],
    [{ limit: 5, interval: '1m' }, { limit: 5, interval: 60_000 }],
    [{ limit: 5, burst: 1 }, { limit: 5, burst: 1 }],
    [{ limit: 5, burst: 500, maxWait: Infinity }, { limit: 5, burst: 500, maxWait: Infinity }],
    [{ limit: 5, interval: 0.5, burst: undefined, maxWait: undefined }, { interval: 0.5, maxWait: 0 }],
  ])('may be %j', (options, resolved) => {
    expect(protect(options).pipeline[0]!.options).toMatchObject(resolved);
  });

  it.each([
    [{}, { 'rateLimit.limit': 'is required' }],
    [0, { 'rateLimit.limit': 'must be an integer >= 1' }],
    [Number.NaN, { 'rateLimit.limit': 'must be an integer >= 1' }],
    [Infinity, { 'rateLimit.limit': 'must be an integer >= 1' }],
    [1.5, { 'rateLimit.limit': 'must be an integer >= 1' }],
    [{ limit: 1, burst: 0 }, { 'rateLimit.burst': 'must be an integer >= 1' }],
    [{ limit: 1, burst: 0.5 }, { 'rateLimit.burst': 'must be an integer >= 1' }],
    [{ limit: 1, burst: null }, { 'rateLimit.burst': 'must be an integer >= 1' }],
    [{ limit: 1, interval: 0 }, { 'rateLimit.interval': expect.stringContaining('must be a duration > 0') }],
    [{ limit: 1, interval: Infinity }, { 'rateLimit.interval': expect.stringContaining('must be a duration > 0') }],
    [{ limit: 1, interval: '1 second' }, { 'rateLimit.interval': expect.stringContaining('must be a duration > 0') }],
    [{ limit: 1, maxWait: -1 }, { 'rateLimit.maxWait': expect.stringContaining('must be a duration >= 0, or Infinity') }],
    [{ limit: 1, key: 'tenant' }, { 'rateLimit.key': 'must be a function' }],
    [{ limit: 1, maxKeys: 0 }, { 'rateLimit.maxKeys': 'must be an integer >= 1' }],
    [{ limit: 1, intervall: '1s' }, { 'rateLimit.intervall': expect.stringContaining('interval') }],
    ['100', { rateLimit: 'must be a number of calls a second, or an object of options' }],
  ])('may not be %j', (options, problems) => {
    expect(problemsOf(options)).toEqual(problems);
  });

  it('are all checked before one error names every problem', () => {
    expect(Object.keys(problemsOf({ limit: -1, interval: -1, burst: -1, maxWait: 'never' }))).toEqual([
      'rateLimit.limit', 'rateLimit.interval', 'rateLimit.burst', 'rateLimit.maxWait',
    ]);
  });

  it('are read once: a later change of the object changes nothing', async () => {
    const options = { limit: 1 };
    const call = withPolicies(async () => undefined, [rateLimit(options)]);
    options.limit = 100;
    await call();
    await expect(call()).rejects.toMatchObject({ code: 'BREAKER_RATE_LIMITED' });
  });

  it('must be given: the decorator cannot be used bare', () => {
    const declare = () => {
      class Orders {
        @(RateLimit as never as MethodDecorator & ((...args: unknown[]) => void))
        async list(): Promise<void> {}
      }
      return new Orders();
    };
    expect(declare).toThrow(ConfigurationError);
    expect(declare).toThrow(/has no default/);
  });

  it('show in the pipeline of a method', () => {
    class Orders {
      @RateLimit({ limit: 5, burst: 2 })
      async list(): Promise<void> {}
    }
    expect(getPolicies(Orders.prototype, 'list')).toMatchObject([{ policy: 'rateLimit', options: { limit: 5, burst: 2 } }]);
  });
});
