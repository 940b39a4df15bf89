import fc from 'fast-check';
import {
  BreakerRegistry, circuitBreaker, ConfigurationError, getPolicies, registry as defaultRegistry, retry, withBreaker, withPolicies, withRetry,
  type PolicyOptions,
} from '../../../lib';
import { fails, rejectionOf, scripted, works } from '../../composition/support/flaky';
import { TimerClock } from '../../support/timer-clock';
import { collectWarnings } from '../../registry/support/warnings';
import { runs } from '../../support/runs';

let clock: TimerClock;
let registry: BreakerRegistry;

let warnings: ReturnType<typeof collectWarnings>;

beforeEach(() => {
  clock = new TimerClock();
  registry = new BreakerRegistry({ clock });
  // Of orders that hurt; here orders are what is looked at.
  warnings = collectWarnings();
});

afterEach(() => {
  warnings.stop();
});

const policiesOf = (fn: object) => getPolicies(fn).map(({ policy }) => policy);

describe('rule 25: the object form of withPolicies', () => {
  it('stands in canonical order, whatever the order of its keys', async () => {
    const forms: PolicyOptions[] = [
      { registry, retry: { maxAttempts: 2, baseDelay: 0 }, breaker: { failureThreshold: 9 } },
      { breaker: { failureThreshold: 9 }, retry: { maxAttempts: 2, baseDelay: 0 }, registry },
    ];
    for (const form of forms) {
      const wrapped = withPolicies(scripted(fails()), form);
      expect(policiesOf(wrapped)).toEqual(['retry', 'breaker']);
      await rejectionOf(clock.until(wrapped()));
      expect(wrapped.breaker!.stats).toMatchObject({ calls: 2, failures: 2 });
    }
  });

  it('leaves out policies that are undefined', () => {
    expect(policiesOf(withPolicies(scripted(works()), { retry: undefined, breaker: {}, registry }))).toEqual(['breaker']);
  });

  it('holds what it says itself for all policies, beneath what one says', async () => {
    const own = new TimerClock();
    const wrapped = withPolicies(scripted(fails()), {
      name: 'users.fetch', registry, clock, random: () => 0.5,
      retry: { maxAttempts: 2, baseDelay: 100, clock: own },
      breaker: { failureThreshold: 2, recoveryTimeout: 70 },
    });
    expect(wrapped.operation).toBe('users.fetch');
    expect(registry.get('users.fetch')).toBe(wrapped.breaker);
    await rejectionOf(own.until(wrapped()));
    expect([own.delays, clock.delays]).toEqual([[50], []]);
    expect(wrapped.breaker!.state).toBe('open');
    await clock.advance(70);
    expect(wrapped.breaker!.state).toBe('half_open');
  });

  it('names unknown policies, with the one that was meant, together with all else that is wrong', () => {
    async function fetchUser(): Promise<void> {}
    const given = { breakr: {}, retry: { maxAttempts: 0, jiter: 1 }, breaker: { failureThreshold: 0 }, name: 5 };
    let error: unknown;
    try {
      withPolicies(fetchUser, given as never);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(ConfigurationError);
    const { issues, message } = error as ConfigurationError;
    expect(message).toContain('withPolicies(fetchUser)');
    expect(message).toContain('did you mean breaker?');
    expect(issues.map(({ path }) => path).sort()).toEqual(
      ['breaker.failureThreshold', 'breakr', 'name', 'retry.jiter', 'retry.maxAttempts'],
    );
  });

  it.each([
    [{}, ''], [null, ''], [undefined, ''], [3, ''], ['retry', ''], [{ retry: null }, 'retry'], [{ retry: 3 }, 'retry'], [{ breaker: [] }, 'breaker'],
    [{ toString: {}, retry: {} }, 'toString'],
  ])('refuses %p', (given, path) => {
    let error: unknown;
    try {
      withPolicies(async () => undefined, given as never);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(ConfigurationError);
    expect((error as ConfigurationError).issues.map((issue) => issue.path)).toEqual([path]);
  });
});

describe('rule 25: the list form of withPolicies', () => {
  it('stands in the order given, outermost first', async () => {
    const outside = withPolicies(scripted(fails()), [retry({ maxAttempts: 2, baseDelay: 0, registry }), circuitBreaker({ registry })]);
    const inside = withPolicies(scripted(fails()), [circuitBreaker({ registry }), retry({ maxAttempts: 2, baseDelay: 0, registry })]);
    await rejectionOf(clock.until(outside()));
    await rejectionOf(clock.until(inside()));
    expect([policiesOf(outside), outside.breaker!.stats.calls]).toEqual([['retry', 'breaker'], 2]);
    expect([policiesOf(inside), inside.breaker!.stats.calls]).toEqual([['breaker', 'retry'], 1]);
  });

  it('multiplies retries that are nested', async () => {
    const fn = scripted(fails());
    const wrapped = withPolicies(fn, [
      retry({ maxAttempts: 2, baseDelay: 0, registry }), retry({ maxAttempts: 3, baseDelay: 0, registry }),
    ]);
    await rejectionOf(clock.until(wrapped()));
    expect(fn).toHaveBeenCalledTimes(6);
    expect(wrapped.breaker!.stats).toMatchObject({ calls: 6 });
  });

  it('refuses an empty list, strangers, two breakers and names that differ', () => {
    const make = (list: unknown[]) => () => withPolicies(async () => undefined, list as never);
    expect(make([])).toThrow(ConfigurationError);
    expect(make([retry(), 'breaker'])).toThrow(/1: must be a policy/);
    expect(make([circuitBreaker(), circuitBreaker()])).toThrow(/an operation has one breaker/);
    expect(make([retry({ name: 'a' }), circuitBreaker({ name: 'b' })])).toThrow(/name/);
    expect(make([retry({ registry }), circuitBreaker({ registry: new BreakerRegistry() })])).toThrow(/registry/);
    expect(make([retry({ maxAttempts: 0 }), circuitBreaker({ failureThreshold: 0 })])).toThrow(/retry\.maxAttempts[^]*breaker\.failureThreshold/);
  });
});

describe('rule 25: one flat pipeline', () => {
  it('gives the same results as nesting, whatever the script', async () => {
    const step = fc.constantFrom('works', 'fails');
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), fc.integer({ min: 1, max: 4 }), async (script, maxAttempts) => {
        const run = async (wrap: (fn: () => Promise<number>, box: BreakerRegistry) => () => Promise<number>) => {
          const time = new TimerClock();
          const box = new BreakerRegistry({ clock: time });
          let n = 0;
          const fn = wrap(async () => {
            const at = n++;
            if (script[at] === 'fails') throw new Error(`down ${at}`);
            return at;
          }, box);
          const ends: unknown[] = [];
          // Until the script is played: a bound on the calls would cut both at different places, for a wait by hand before an open circuit takes time.
          while (n < script.length) {
            ends.push(await time.until(fn()).catch((error: Error) => error.message));
            await time.advance(30);
          }
          return { ends, n, now: time.now() };
        };
        const retrying = { maxAttempts, baseDelay: 10, jitter: false, name: 'a' };
        const breaking = { failureThreshold: 3, recoveryTimeout: 100, name: 'a' };
        const flat = await run((fn, box) => withPolicies(fn, { retry: { ...retrying, registry: box }, breaker: { ...breaking, registry: box } }));
        const wrapped = await run((fn, box) => withRetry(withBreaker(fn, { ...breaking, registry: box }), { ...retrying, registry: box }));
        const byHand = await run((fn, box) => {
          const broken = withBreaker(fn, { ...breaking, registry: box });
          return withRetry(() => broken(), { ...retrying, name: 'outer', registry: box });
        });
        expect(wrapped).toEqual(flat);
        expect(flat.ends.filter((end) => typeof end === 'number')).toEqual(byHand.ends.filter((end) => typeof end === 'number'));
      }),
      { numRuns: runs(60), examples: [[[...Array<string>(9).fill('fails'), 'works', 'works'], 2]] },
    );
  });

  it('is what a wrapper around one of ours makes: one operation, both policies, one breaker', async () => {
    const fn = scripted(fails());
    const broken = withBreaker(fn, { name: 'users.fetch', failureThreshold: 2, registry });
    const both = withRetry(broken, { maxAttempts: 5, baseDelay: 0 });
    expect([policiesOf(both), both.operation, both.breaker]).toEqual([['retry', 'breaker'], 'users.fetch', broken.breaker]);
    expect(registry.names()).toEqual(['users.fetch']);
    await rejectionOf(clock.until(both()));
    expect(fn).toHaveBeenCalledTimes(2);
  });

  it('keeps a derived name when it is extended', () => {
    async function fetchUser(): Promise<void> {}
    const both = withBreaker(withRetry(fetchUser, { registry }), {});
    expect(both.operation).toBe('fetchUser');
    expect(registry.names()).toEqual(['fetchUser']);
  });

  it('takes the name that the outer wrapper gives', async () => {
    async function fetchUser(): Promise<string> {
      return 'it';
    }
    const inner = withRetry(fetchUser, { registry });
    const both = withBreaker(inner, { name: 'users.fetch' });
    expect([both.operation, inner.operation, registry.names()]).toEqual(['users.fetch', 'users.fetch', ['users.fetch']]);
    expect(await both()).toBe('it');
    expect(both.breaker!.stats.calls).toBe(1);
  });

  it('refuses a second breaker, another name and another registry around a wrapper', () => {
    const broken = withBreaker(scripted(works()), { name: 'users.fetch', registry });
    expect(() => withBreaker(broken)).toThrow(/an operation has one breaker/);
    expect(() => withRetry(broken, { name: 'other' })).toThrow(ConfigurationError);
    expect(() => withRetry(broken, { registry: new BreakerRegistry() })).toThrow(ConfigurationError);
    expect(policiesOf(broken)).toEqual(['breaker']);
  });

  it('leaves the inner wrapper working by itself, in the same operation', async () => {
    const fn = scripted(fails());
    const inner = withRetry(fn, { maxAttempts: 1, name: 'users.fetch', registry });
    const both = withBreaker(inner, { failureThreshold: 2 });
    await rejectionOf(inner());
    await rejectionOf(inner());
    expect(both.breaker!.stats).toMatchObject({ calls: 2, failures: 2 });
    expect(await rejectionOf(both())).toMatchObject({ code: 'BREAKER_OPEN' });
    expect(await rejectionOf(inner())).toMatchObject({ code: 'BREAKER_OPEN' });
    expect(fn).toHaveBeenCalledTimes(2);
  });

  it('wraps the function twice when asked twice: each wrapper around one of ours is its own pipeline of the operation', async () => {
    const inner = withBreaker(scripted(fails()), { name: 'users.fetch', failureThreshold: 99, registry });
    const [twice, thrice] = [withRetry(inner, { maxAttempts: 2, baseDelay: 0 }), withRetry(inner, { maxAttempts: 3, baseDelay: 0 })];
    await rejectionOf(clock.until(twice()));
    expect(inner.breaker!.stats.calls).toBe(2);
    await rejectionOf(clock.until(thrice()));
    expect(inner.breaker!.stats.calls).toBe(5);
  });
});

describe('getPolicies', () => {
  it('gives policies with resolved options, outermost first; nothing for what is not protected', () => {
    const wrapped = withPolicies(scripted(works()), { breaker: { recoveryTimeout: '2s' }, retry: { maxAttempts: 7 }, registry });
    expect(getPolicies(wrapped)).toEqual(wrapped.pipeline);
    expect(wrapped.pipeline).toMatchObject([
      { policy: 'retry', options: { maxAttempts: 7 } },
      { policy: 'breaker', options: { recoveryTimeout: 2000, failureThreshold: 5 } },
    ]);
    expect(getPolicies(async () => undefined)).toEqual([]);
    expect(getPolicies({})).toEqual([]);
  });

  it('finds ours behind wrappers of strangers that have it as their prototype', () => {
    const wrapped = withRetry(scripted(works()), { maxAttempts: 7, registry });
    const stranger = Object.setPrototypeOf(() => wrapped(), wrapped) as typeof wrapped;
    const another = Object.setPrototypeOf(() => stranger(), stranger) as typeof wrapped;
    expect(getPolicies(another)).toEqual(wrapped.pipeline);
    expect(getPolicies({ fetch: another }, 'fetch')).toMatchObject([{ policy: 'retry', options: { maxAttempts: 7 } }]);
  });
});

describe('a wrapper', () => {
  it('is in the default registry unless told otherwise', () => {
    const wrapped = withBreaker(scripted(works()), { name: 'fusing.default' });
    expect(defaultRegistry.get('fusing.default')).toBe(wrapped.breaker);
  });

  it('that cannot be made leaves nothing in the registry', () => {
    expect(() => withBreaker(scripted(works()), { name: 'never', failureThreshold: 0, registry })).toThrow(ConfigurationError);
    expect(() => withPolicies(scripted(works()), [circuitBreaker({ name: 'never', registry }), circuitBreaker({ registry })])).toThrow(ConfigurationError);
    expect(registry.names()).toEqual([]);
  });
});

describe('a registry that only the outer policy names', () => {
  it('is where the whole stack lives, and nothing stays where the inner one was', async () => {
    const wrapped = withRetry(withBreaker(scripted(fails()), { name: 'outer.only', failureThreshold: 1 }), { registry, maxAttempts: 1 });
    await rejectionOf(wrapped());
    expect(registry.get('outer.only')).toMatchObject({ state: 'open' });
    expect(defaultRegistry.has('outer.only')).toBe(false);
  });

  it('gives a derived name anew', async () => {
    async function derivedElsewhere(): Promise<number> {
      return 1;
    }
    withBreaker(derivedElsewhere);
    const wrapped = withRetry(withBreaker(derivedElsewhere), { registry });
    expect(wrapped.operation).toBe('derivedElsewhere');
    expect(await wrapped()).toBe(1);
    expect(registry.get('derivedElsewhere')?.stats.calls).toBe(1);
  });

  it('leaves the inner wrapper as it was when the name is taken there', () => {
    withBreaker(scripted(works()), { name: 'taken', registry, failureThreshold: 2 });
    const inner = withBreaker(scripted(works()), { name: 'taken', failureThreshold: 7 });
    expect(() => withRetry(inner, { registry })).toThrow('taken');
    expect(defaultRegistry.get('taken')).toBe(inner.breaker);
    defaultRegistry.delete('taken');
  });
});
