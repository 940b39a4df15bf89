import {
  ConfigurationError, getPolicies, RetryBudget, retryBudget, withPolicies, withRetry, type ConfigurationIssue, type RetryOptions,
} from '../../lib';

async function fetchUser(): Promise<void> {}

function issuesOf(given: unknown): readonly ConfigurationIssue[] {
  try {
    withRetry(fetchUser, given as RetryOptions);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.issues;
    throw error;
  }
  throw new Error('It was accepted');
}

describe('the options of a retry', () => {
  it('have the documented defaults', () => {
    expect(getPolicies(withRetry(fetchUser))).toEqual([
      {
        policy: 'retry',
        options: {
          maxAttempts: 3,
          baseDelay: 1000,
          maxDelay: 300_000,
          exponentialBase: 2,
          backoff: 'exponential',
          jitter: true,
          idempotent: true,
          nested: 'allow',
          respectRetryAfter: true,
          waitForCircuit: false,
        },
      },
    ]);
  });

  it('mean the default where they are undefined', () => {
    const given = { maxAttempts: undefined, baseDelay: undefined, jitter: undefined, signal: undefined, budget: undefined };
    expect(withRetry(fetchUser, given).pipeline[0]!.options).toMatchObject({ maxAttempts: 3, baseDelay: 1000, jitter: true });
  });

  it('take durations as milliseconds and with units', () => {
    const { options } = withRetry(fetchUser, { baseDelay: '1.5s', maxDelay: '2m', maxElapsed: '1h', attemptTimeout: 250 }).pipeline[0]!;
    expect(options).toMatchObject({ baseDelay: 1500, maxDelay: 120_000, maxElapsed: 3_600_000, attemptTimeout: 250 });
  });

  it('take the ends of their ranges', () => {
    const edges: RetryOptions[] = [
      { maxAttempts: 1 }, { maxAttempts: Infinity }, { baseDelay: 0, maxDelay: 0 }, { exponentialBase: 1 }, { jitter: 0 }, { jitter: 1 },
      { maxElapsed: Infinity }, { baseDelay: 5, maxDelay: 5 }, { budget: new RetryBudget() }, { budget: retryBudget() },
    ];
    for (const given of edges) expect(() => withRetry(fetchUser, given)).not.toThrow();
  });

  it.each([
    ['maxAttempts', [0, -1, 1.5, Number.NaN, '3', null, -Infinity]],
    ['baseDelay', [-1, Number.NaN, Infinity, '5', '5 parsecs', '', '-1s', null, {}, true]],
    ['maxDelay', [-1, Number.NaN, Infinity, 'soon', null]],
    ['exponentialBase', [0.5, 0, -2, Number.NaN, Infinity, '2', null]],
    ['backoff', ['quadratic', 'toString', 'constructor', '__proto__', ['linear'], 3, null]],
    ['jitter', ['half', -0.1, 1.1, Number.NaN, null]],
    ['handle', ['Error', [], [Error, 'x'], {}, null]],
    ['ignore', ['Error', [], null]],
    ['handleResult', [true, null]],
    ['maxElapsed', [0, -1, Number.NaN, 'x', null]],
    ['attemptTimeout', [0, -5, Number.NaN, Infinity, null]],
    ['idempotent', ['yes', 1, null]],
    ['nested', ['forbid', true, null]],
    ['respectRetryAfter', ['yes', 1, null]],
    ['waitForCircuit', ['yes', null]],
    ['budget', [3, null, 'shared', [], {}, { ratio: 1 }]],
    ['signal', [{}, null, true]],
    ['onRetry', ['log', null]],
    ['name', [5, null]],
    ['stream', ['yes', null]],
    ['registry', [{}, null]],
    ['clock', [{ now: 1 }, Date, null]],
    ['random', [0.5, null]],
  ])('refuse, for %s, each of %p, and say which option it was and what was received', (option, values) => {
    for (const value of values) {
      const issues = issuesOf({ [option]: value });
      expect(issues.map(({ path }) => path)).toEqual([option]);
      expect(issues[0]!.received).toEqual(value);
      expect(issues[0]!.message).toMatch(/^must be /);
    }
  });

  it('refuse a maxDelay below the baseDelay, also where one of them is the default', () => {
    expect(issuesOf({ baseDelay: 10, maxDelay: 9 })).toEqual([
      { path: 'maxDelay', message: 'must not be below baseDelay (10 ms)', received: 9 },
    ]);
    expect(issuesOf({ maxDelay: 500 }).map(({ path }) => path)).toEqual(['maxDelay']);
    expect(issuesOf({ baseDelay: '10m' }).map(({ path }) => path)).toEqual(['maxDelay']);
  });

  it('refuse what is no AbortSignal, and say what it must be', () => {
    expect(issuesOf({ signal: {} })[0]!.message).toBe('must be an AbortSignal, or a function (...args) => signal');
  });

  it('refuse to wait for the circuit without maxElapsed', () => {
    expect(issuesOf({ waitForCircuit: true })).toEqual([
      { path: 'maxElapsed', message: 'waitForCircuit requires it', received: undefined },
    ]);
  });

  it('refuse unknown names, with the one that was meant', () => {
    expect(issuesOf({ maxAttempt: 3 })).toEqual([
      { path: 'maxAttempt', message: 'unknown option; did you mean maxAttempts?', received: 3 },
    ]);
    expect(issuesOf({ zzz: 3 })[0]!.message).toMatch(/^unknown option; the options are .*maxAttempts/);
  });

  it.each([null, 3, 'retry', [], true])('refuse %p in place of options', (given) => {
    expect(issuesOf(given)).toEqual([{ path: '', message: 'must be an object of options', received: given }]);
  });

  it('say how a budget is given, by its options too', () => {
    const [issue] = issuesOf({ budget: { ratio: 1 } });
    expect(issue).toMatchObject({ path: 'budget', message: expect.stringContaining('give retryBudget({ ... })') });
    expect(() => withPolicies(fetchUser, { retry: { budget: { ratio: 1 } } })).not.toThrow();
  });

  it('name all that is wrong, and the function, in one error', () => {
    const given = { maxAttempts: 0, baseDelay: Number.NaN, jiter: true, maxDelay: '5 parsecs' };
    expect(issuesOf(given).map(({ path }) => path).sort()).toEqual(['baseDelay', 'jiter', 'maxAttempts', 'maxDelay']);
    expect(() => withRetry(fetchUser, given as never)).toThrow(/^withRetry\(fetchUser\):\n/);
  });

  it('leave the caller’s object as it was, and do not look at it again', () => {
    const given = Object.freeze({ maxAttempts: 5, handle: Object.freeze([Error]), budget: Object.freeze(retryBudget(Object.freeze({ ratio: 1 }))) });
    expect(() => withRetry(fetchUser, given)).not.toThrow();

    const changing = { maxAttempts: 5 };
    const wrapped = withRetry(fetchUser, changing);
    changing.maxAttempts = 9;
    expect(wrapped.pipeline[0]!.options).toMatchObject({ maxAttempts: 5 });
  });
});
