import { ConfigurationError, Resilient, withPolicies } from '../../lib';

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
