import { ConfigurationError, getPolicies, Throttle, throttle, withPolicies, type ThrottleOptions } from '../../lib';

const protect = (options: unknown) => withPolicies(async () => undefined, { throttle: options as ThrottleOptions });

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

describe('the options of a throttle', () => {
  it('have defaults', () => {
    const defaults = { k: 2, window: 10_000, maxRejection: 0.9, maxKeys: 1000 };
    expect(protect({}).pipeline).toMatchObject([{ policy: 'throttle', options: defaults }]);
    expect(withPolicies(async () => undefined, [throttle()]).pipeline).toMatchObject([{ policy: 'throttle', options: defaults }]);
  });

  it.each([
    [{ k: 1, window: '2m', maxRejection: 1 }, { k: 1, window: 120_000, maxRejection: 1 }],
    [{ k: 1.1, maxRejection: 0 }, { k: 1.1, maxRejection: 0 }],
    [{ k: undefined, window: undefined }, { k: 2, window: 10_000 }],
  ])('may be %j', (options, resolved) => {
    expect(protect(options).pipeline[0]!.options).toMatchObject(resolved);
  });

  it.each([
    [{ k: 0.99 }, { 'throttle.k': 'must be a number >= 1' }],
    [{ k: Infinity }, { 'throttle.k': 'must be a number >= 1' }],
    [{ k: Number.NaN }, { 'throttle.k': 'must be a number >= 1' }],
    [{ window: 0 }, { 'throttle.window': expect.stringContaining('must be a duration > 0') }],
    [{ window: Infinity }, { 'throttle.window': expect.stringContaining('must be a duration > 0') }],
    [{ maxRejection: 1.01 }, { 'throttle.maxRejection': 'must be a ratio >= 0 and <= 1' }],
    [{ maxRejection: -0.1 }, { 'throttle.maxRejection': 'must be a ratio >= 0 and <= 1' }],
    [{ maxRejection: null }, { 'throttle.maxRejection': 'must be a ratio >= 0 and <= 1' }],
    [{ handle: 'every error' }, { 'throttle.handle': expect.stringContaining('must be an error class') }],
    [{ handleResult: 503 }, { 'throttle.handleResult': 'must be a function' }],
    [{ key: 'host' }, { 'throttle.key': 'must be a function' }],
    [{ maxRejections: 0.5 }, { 'throttle.maxRejections': expect.stringContaining('maxRejection') }],
    [2, { throttle: 'must be an object of options' }],
  ])('may not be %j', (options, problems) => {
    expect(problemsOf(options)).toEqual(problems);
  });

  it('are all checked before one error names every problem', () => {
    expect(Object.keys(problemsOf({ k: 0, window: -1, maxRejection: 2, maxKeys: 0 })).sort()).toEqual([
      'throttle.k', 'throttle.maxKeys', 'throttle.maxRejection', 'throttle.window',
    ]);
  });

  it('show in the pipeline of a method', () => {
    class Search {
      @Throttle({ k: 1.5 })
      async find(): Promise<void> {}
    }
    expect(getPolicies(Search.prototype, 'find')).toMatchObject([{ policy: 'throttle', options: { k: 1.5, maxRejection: 0.9 } }]);
  });
});
