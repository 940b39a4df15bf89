import { cache, circuitBreaker, ConfigurationError, Resilient, retry, withPolicies } from '../../../lib';

const fetchUser = async (id: string): Promise<string> => id;

function issuesOf(build: () => unknown): unknown {
  try {
    build();
  } catch (error) {
    if (error instanceof ConfigurationError) return error.issues;
    throw error;
  }
  throw new Error('It was accepted');
}

describe('a policy that does not exist', () => {
  it.each([
    ['retries', 'retry'], ['circuitBreaker', 'breaker'], ['ratelimit', 'rateLimit'], ['time_out', 'timeout'], ['bulkheads', 'bulkhead'],
    ['fallBack', 'fallback'], ['caching', 'cache'], ['hedging', 'hedge'], ['throttled', 'throttle'], ['chao', 'chaos'],
  ])('is named, with the one that was meant: %s', (name, meant) => {
    expect(issuesOf(() => withPolicies(fetchUser, { [name]: {}, retry: {} } as never))).toEqual([
      { path: name, message: `unknown option; did you mean ${meant}?`, received: {} },
    ]);
  });

  it('that is like no other is told which there are', () => {
    const message = expect.stringMatching(/^unknown option; the options are .*fallback, cache, retry, breaker, throttle, rateLimit, bulkhead, timeout, hedge, chaos$/) as unknown;
    expect(issuesOf(() => withPolicies(fetchUser, { saga: {}, retry: {} } as never))).toEqual([{ path: 'saga', message, received: {} }]);
  });

  it('is named together with the problems of the others', () => {
    const issues = issuesOf(() => withPolicies(fetchUser, { retires: {}, retry: { maxAttempts: 0 }, fallback: 5, chaos: {} } as never)) as { path: string }[];
    expect(issues.map(({ path }) => path).sort()).toEqual(['chaos.fault', 'fallback', 'retires', 'retry.maxAttempts']);
  });

  it('is refused in a list', () => {
    const message = 'must be a policy, such as retry({ ... })';
    expect(issuesOf(() => withPolicies(fetchUser, [{ retry: {} }] as never))).toEqual([{ path: '0', message, received: { retry: {} } }]);
  });

  it('is named in a list together with the problems of the others', () => {
    const issues = issuesOf(() => withPolicies(fetchUser, [{ retry: {} }, retry({ maxAttempts: 0 })] as never)) as { path: string }[];
    expect(issues.map(({ path }) => path)).toEqual(['0', 'retry.maxAttempts']);
  });

  it('is refused by @Resilient, which names the member', () => {
    const declare = (): unknown => {
      class Users {
        @Resilient({ breakr: {} } as never)
        async fetch(): Promise<void> {}
      }
      return Users;
    };
    expect(declare).toThrow(/@Resilient on fetch: breakr: unknown option; did you mean breaker\?/);
  });

  it('none at all is refused', () => {
    for (const none of [{}, [], { name: 'a' }]) {
      expect(() => withPolicies(fetchUser, none as never)).toThrow('at least one policy must be given');
    }
  });
});

describe('policies that contradict each other', () => {
  it.each([
    [
      'in a list, whose problems are named too',
      [retry({ maxAttempts: 0 }), circuitBreaker({ name: 'a' }), cache({ ttl: 1, name: 'b' })],
      ['name', 'retry.maxAttempts'],
    ],
    ['by the option of one that is wrong', [retry({ maxAttempts: 0, name: 'a' }), circuitBreaker({ name: 'b' })], ['name', 'retry.maxAttempts']],
    ['beside what is no policy', [{}, circuitBreaker(), circuitBreaker()], ['0', 'breaker']],
    ['in an object, whose problems are named too', { name: 'a', retry: { maxAttempts: 0 }, breaker: { name: 'b' } }, ['name', 'retry.maxAttempts']],
    ['beside a policy that does not exist', { name: 'a', retires: {}, retry: {}, breaker: { name: 'b' } }, ['name', 'retires']],
  ])('are named: %s', (_how, policies, paths) => {
    const issues = issuesOf(() => withPolicies(fetchUser, policies as never)) as { path: string }[];
    expect(issues.map(({ path }) => path).sort()).toEqual(paths);
  });

  it('are not blamed for a name that is none', () => {
    const policies = [retry({ name: 3 as never }), circuitBreaker({ name: 'a' })];
    expect(issuesOf(() => withPolicies(fetchUser, policies))).toEqual([{ path: 'retry.name', message: 'must be a string', received: 3 }]);
    const atTop = { name: 3, retry: {}, breaker: { name: 'a' } } as never;
    expect(issuesOf(() => withPolicies(fetchUser, atTop))).toEqual([{ path: 'name', message: 'must be a string', received: 3 }]);
  });
});
