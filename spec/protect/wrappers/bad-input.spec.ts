import {
  Breaker, breakerOf, BreakerRegistry, cacheOf, ConfigurationError, withBreaker, withBreakerSync, withPolicies, withRegistry, withRetry, type ConfigurationIssue,
} from '../../../lib';
import { configure } from '../../../lib/operate';

const registry = new BreakerRegistry();
async function fetchUser(): Promise<void> {}

function errorOf(make: () => unknown): ConfigurationError {
  try {
    make();
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
    throw error;
  }
  throw new Error('It was accepted');
}

const paths = (issues: readonly ConfigurationIssue[]) => issues.map(({ path }) => path).sort();

describe('bad input of withBreaker', () => {
  it.each([
    ['failureThreshold', [0, -1, 1.5, Number.NaN, '3', null]],
    ['recoveryTimeout', [0, -1, Number.NaN, '60', 'a minute', '', null]],
    ['handle', ['Error', [], [3], null]],
    ['ignore', [{}, null]],
    ['handleResult', [true, null]],
    ['classify', ['failure', null]],
    ['key', ['host', null]],
    ['maxKeys', [0, -1, 1.5, Infinity, Number.NaN, null]],
    ['idleKeys', [0, -1, Number.NaN, null]],
    ['scope', ['method', true, null]],
    ['rejectionStacks', ['yes', 1, null]],
    ['registry', [{}, 'default', null]],
    ['clock', [{ now: () => 0 }, null]],
    ['random', [4, null]],
    ['name', [5, {}, null]],
    ['stream', ['yes', null]],
    ['window', [5, 'count', null, {}, { type: 'rate' }]],
  ])('refuses, for %s, each of %p, names the function, and says what was received', (option, values) => {
    for (const value of values) {
      const error = errorOf(() => withBreaker(fetchUser, { registry, [option]: value } as never));
      expect(error.message).toMatch(/^withBreaker\(fetchUser\): /);
      expect(error.issues).toHaveLength(1);
      expect(error.issues[0]!.path).toMatch(new RegExp(`^${option}`));
      expect(error.code).toBe('BREAKER_CONFIG');
    }
  });

  it('names nested options by their path', () => {
    const given = {
      registry,
      window: { type: 'count', size: 0, failureRate: 2, minimumCall: 3 },
      halfOpen: { maxCalls: 0, successThreshold: 1.5, probeTimeout: -1 },
      recoveryBackoff: { factor: 0.5, max: 'x', jitter: 2 },
    };
    expect(paths(errorOf(() => withBreaker(fetchUser, given as never)).issues)).toEqual([
      'halfOpen.maxCalls', 'halfOpen.probeTimeout', 'halfOpen.successThreshold',
      'recoveryBackoff.factor', 'recoveryBackoff.jitter', 'recoveryBackoff.max',
      'window.failureRate', 'window.minimumCall', 'window.size',
    ]);
  });

  it('refuses options that do not go together', () => {
    const count = { type: 'count', size: 5 };
    const cases: [object, string][] = [
      [{ failureThreshold: 3, window: count }, 'failureThreshold'],
      [{ window: { ...count, minimumCalls: 6 } }, 'window.minimumCalls'],
      [{ window: { ...count, slowCallDuration: 10 } }, 'window.slowCallRate'],
      [{ window: { ...count, slowCallRate: 0.5 } }, 'window.slowCallDuration'],
      [{ key: () => 'a', scope: 'instance' }, 'key'],
    ];
    for (const [given, path] of cases) {
      expect(paths(errorOf(() => withBreaker(fetchUser, { registry, ...given } as never)).issues)).toEqual([path]);
    }
  });

  it('suggests the option that was meant', () => {
    const { issues } = errorOf(() => withBreaker(fetchUser, { failureTreshold: 3, recoveryTimeOut: 5, registry } as never));
    expect(issues.map(({ message }) => message)).toEqual([
      'unknown option; did you mean failureThreshold?', 'unknown option; did you mean recoveryTimeout?',
    ]);
  });

  it('registers nothing', () => {
    const box = new BreakerRegistry();
    errorOf(() => withBreaker(fetchUser, { failureThreshold: 0, name: 'never', registry: box }));
    expect(box.names()).toEqual([]);
  });
});

describe('bad input in place of the function', () => {
  const wrappers: [string, (fn: never) => unknown][] = [
    ['withBreaker', (fn) => withBreaker(fn)],
    ['withBreakerSync', (fn) => withBreakerSync(fn)],
    ['withRetry', (fn) => withRetry(fn)],
    ['withPolicies', (fn) => withPolicies(fn, { breaker: {} })],
  ];
  it.each(wrappers)('is refused by %s, which says what it can protect', (name, wrap) => {
    for (const fn of [undefined, null, 3, 'fetchUser', {}, Promise.resolve(), class Service {}]) {
      const error = errorOf(() => wrap(fn as never));
      expect(error.message).toMatch(new RegExp(`^${name}: only a function`));
    }
  });

  const mistakes: [string, unknown, RegExp][] = [
    ['the promise of a call', fetchUser(), /a promise was given, not a function: pass the function itself, without calling it/],
    ['a thenable', { then: () => undefined }, /a promise was given/],
    ['the stream of a call', (async function* () {})(), /a stream was given, not a function: pass the function itself, without calling it/],
    ['a class', class Service {}, /a class was given: protect\(Class, \{ method: \{ \.\.\. \} \}\) protects its methods/],
    ['a module', { default: fetchUser }, /a module was given, not a function: pass its default export/],
    ['a name that is not exported', undefined, /undefined was given: see whether it is imported by the name it has/],
  ];
  it.each(mistakes)('is told apart by what was given: %s', (_what, given, message) => {
    for (const [, wrap] of wrappers) expect(errorOf(() => wrap(given as never)).message).toMatch(message);
  });

  it('is looked at without a throw of its own', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const throwing = { get then(): never { throw new Error('read'); } };
    for (const [name, wrap] of wrappers) {
      for (const given of [proxy, throwing]) expect(errorOf(() => wrap(given as never)).message).toMatch(new RegExp(`^${name}: only a`));
    }
  });

  it.each([
    ['execute', (given: never) => new Breaker({ name: 'pay' }).executeSync(given)],
    ['withRegistry', (given: never) => withRegistry(registry, given)],
    ['cacheOf', (given: never) => cacheOf(given)],
    ['an option', (given: never) => withBreaker(fetchUser, { registry, key: given })],
    ['the function of a fallback', (given: never) => withPolicies(fetchUser, { registry, fallback: { use: given } })],
  ])('is told apart elsewhere, too: %s', (_where, use) => {
    expect(errorOf(() => use(fetchUser() as never)).message).toMatch(/a promise was given, not a function: pass the function itself/);
  });
});

describe('bad input of withBreakerSync', () => {
  it.each([['async', fetchUser], ['an async generator', async function* chunks() {}]])('a function that is %s, for its failures would count as successes', (_what, fn) => {
    expect(errorOf(() => withBreakerSync(fn as never)).message).toMatch(/^withBreakerSync\(\w+\): it is async: use withBreaker/);
  });
});

describe('bad input in place of the options', () => {
  it.each([null, 3, 'options', true, [], () => ({})])('is refused: %p', (given) => {
    for (const wrap of [withBreaker, withRetry, withPolicies] as ((fn: object, options: unknown) => unknown)[]) {
      expect(errorOf(() => wrap(fetchUser, given)).message).toContain('(fetchUser)');
    }
    expect(errorOf(() => withBreakerSync(function parse() {}, given as never)).message).toContain('(parse)');
  });
});

describe('options that an object does not have itself', () => {
  class FromEnvironment {
    get failureThreshold(): number {
      return 1;
    }
    get maxAttempts(): number {
      return 2;
    }
    get name(): string {
      return 'from the environment';
    }
  }
  const hiddenOf = (given: object) => Object.defineProperties({}, Object.fromEntries(Object.entries(given).map(([name, value]) => [name, { value: value as unknown }])));
  const wraps: [string, (given: object) => unknown][] = [
    ['withBreaker', (given) => withBreaker(fetchUser, given)],
    ['withBreakerSync', (given) => withBreakerSync(() => 1, given)],
    ['withRetry', (given) => withRetry(fetchUser, given)],
    ['withPolicies', (given) => withPolicies(fetchUser, { stream: false, breaker: given })],
    ['new Breaker', (given) => new Breaker(given)],
    ['defaults of a registry', (given) => breakerOf('a', undefined, new BreakerRegistry({ defaults: given }))],
    ['configure of a registry', (given) => {
      configure(new BreakerRegistry(), '*', given);
    }],
  ];

  it.each(wraps)('are refused by %s, for a copy would not have them', (_name, wrap) => {
    for (const given of [new FromEnvironment(), Object.create({ name: 'inherited' }) as object]) {
      expect(errorOf(() => wrap(given)).message).toMatch(/inherits or hides .*(name|Threshold|Attempts)/);
    }
  });

  it('are refused when they are not enumerable', () => {
    expect(errorOf(() => withBreaker(fetchUser, hiddenOf({ failureThreshold: 1 }))).message).toContain('it inherits or hides failureThreshold');
    expect(errorOf(() => withPolicies(fetchUser, hiddenOf({ retry: {} }))).message).toContain('it inherits or hides retry');
  });

  it('leave those that an instance of a class has itself', async () => {
    class Config {
      failureThreshold = 1;
      registry = registry;
    }
    const failing = withBreaker(() => Promise.reject(new Error('down')), new Config());
    await expect(failing()).rejects.toThrow('down');
    expect(failing.breaker!.state).toBe('open');
  });

  it.each([new Map(), new Date(), [], 5])('are not looked for in %p', (given) => {
    for (const policy of ['breaker', 'retry']) {
      const { issues } = errorOf(() => withPolicies(fetchUser, { name: 'a', [policy]: given }));
      expect(issues).toEqual([{ path: policy, message: 'must be an object of options', received: given }]);
    }
  });

  it.each([
    ['cache', "a duration, such as '2s'"], ['timeout', "a duration, such as '2s'"], ['hedge', "a duration, such as '2s'"],
    ['bulkhead', 'a number of calls'], ['rateLimit', 'a number of calls a second'], ['fallback', 'a function (error, ...args) => the answer'],
  ])('are told of with the short form, where there is one: %s', (policy, short) => {
    for (const given of [false, 3n, new Date()]) {
      const { issues } = errorOf(() => withPolicies(fetchUser, { name: 'a', [policy]: given }));
      expect(issues).toEqual([{ path: policy, message: `must be ${short}, or an object of options`, received: given }]);
    }
  });

  it('are told of a budget that is no object, with how a shared one is named', () => {
    for (const policy of ['retry', 'hedge']) {
      const { issues } = errorOf(() => withPolicies(fetchUser, { name: 'a', [policy]: { delay: 1, budget: 'x' } }));
      expect(issues).toContainEqual({
        path: `${policy}.budget`, message: "must be a RetryBudget, or an object of options, such as { group: '...' }", received: 'x',
      });
    }
  });
});
