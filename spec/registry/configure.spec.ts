import { breakerOf, type BreakerOptions, BreakerRegistry, ConfigurationError, describePipeline, type Protection, withBreaker, withRetry } from '../../lib';
import { sourcesFor } from '../../lib/registry/config';
import { configure } from '../../lib/operate';
import { fails, rejectionOf, scripted } from '../composition/support/flaky';
import { TimerClock } from '../support/timer-clock';

let clock: TimerClock;
let registry: BreakerRegistry;

beforeEach(() => {
  clock = new TimerClock();
  registry = new BreakerRegistry({ clock });
});

const failing = (name: string, options: BreakerOptions = {}, box = registry) =>
  withBreaker(scripted(fails()), { name, registry: box, ...options });

/** How many failures open a breaker. */
async function threshold(wrapped: Protection & (() => Promise<unknown>)): Promise<number> {
  wrapped.breaker!.reset();
  for (let failures = 1; failures <= 20; failures++) {
    await rejectionOf(wrapped());
    if (wrapped.breaker!.state === 'open') return failures;
  }
  return Infinity;
}

describe('precedence of breaker options', () => {
  it('is: the operator over the site, over the registry, over the built-in defaults', async () => {
    const box = new BreakerRegistry({ defaults: { failureThreshold: 4 } });
    expect(await threshold(failing('built-in'))).toBe(5);
    expect(await threshold(failing('registry', {}, box))).toBe(4);
    expect(await threshold(failing('site', { failureThreshold: 3 }, box))).toBe(3);
    const operated = failing('operator', { failureThreshold: 3 }, box);
    configure(box, 'operator', { failureThreshold: 2 });
    expect(await threshold(operated)).toBe(2);
  });

  it('is decided for each option by itself', async () => {
    const box = new BreakerRegistry({ defaults: { failureThreshold: 4, recoveryTimeout: 700 }, clock });
    const wrapped = failing('users.fetch', { recoveryTimeout: 300 }, box);
    configure(box, 'users.*', { rejectionStacks: true });
    expect(await threshold(wrapped)).toBe(4);
    expect(wrapped.breaker!.retryAfter).toBe(300);
  });

  it('lets an undefined option of a site mean what lies beneath', async () => {
    const box = new BreakerRegistry({ defaults: { failureThreshold: 4 } });
    expect(await threshold(failing('undefined', { failureThreshold: undefined }, box))).toBe(4);
  });

  it('lets a window of the registry win over the count of a site', async () => {
    const box = new BreakerRegistry({ defaults: { window: { type: 'count', size: 2 } } });
    expect(await threshold(failing('window', { failureThreshold: 9 }, box))).toBe(2);
  });
});

describe('configure', () => {
  it('changes operations that are there, and those that come', async () => {
    const [now, other] = [failing('payments.charge'), failing('users.fetch')];
    configure(registry, 'payments.*', { failureThreshold: 2 });
    expect(await threshold(now)).toBe(2);
    expect(await threshold(failing('payments.refund'))).toBe(2);
    expect(await threshold(other)).toBe(5);
  });

  it.each([
    ['*', true], ['payments.*', true], ['*.charge', true], ['p*e', true], ['payments.eu.charge', true], ['*.eu.*', true], ['**', true],
    ['payments.*.charge', true], ['payments.eu.charge*', true], ['*a*a*', true],
    ['payments', false], ['payments.eu', false], ['Payments.*', false], ['payments.eu.charge.*', false], ['*.refund', false],
    ['p*p', false], ['payments.eu.charge*e', false], ['*a*a*a*', false], ['payments?eu?charge', false], ['', false],
  ])('takes %p for a pattern: * is any characters, dots too, and nothing else is special', async (pattern, applies) => {
    const wrapped = failing('payments.eu.charge');
    configure(registry, pattern, { failureThreshold: 2 });
    expect(await threshold(wrapped)).toBe(applies ? 2 : 5);
  });

  it('lets exact names win over patterns, whichever came first', async () => {
    const wrapped = failing('users.fetch');
    configure(registry, 'users.fetch', { failureThreshold: 2 });
    configure(registry, 'users.*', { failureThreshold: 3 });
    expect(await threshold(wrapped)).toBe(2);
  });

  it('lets later calls win over earlier ones', async () => {
    const wrapped = failing('users.fetch');
    configure(registry, 'users.*', { failureThreshold: 2 });
    configure(registry, '*', { failureThreshold: 3 });
    expect(await threshold(wrapped)).toBe(3);
    configure(registry, 'users.*', { failureThreshold: 4 });
    expect(await threshold(wrapped)).toBe(4);
  });

  it('keeps state and counts', async () => {
    const wrapped = failing('users.fetch');
    for (let n = 0; n < 3; n++) await rejectionOf(wrapped());
    configure(registry, 'users.fetch', { failureThreshold: 4 });
    expect(wrapped.breaker!.failureCount).toBe(3);
    await rejectionOf(wrapped());
    expect(wrapped.breaker!.state).toBe('open');
    configure(registry, 'users.fetch', { recoveryTimeout: 123 });
    expect(wrapped.breaker!.retryAfter).toBe(123);
  });

  it('replaces nested objects whole', async () => {
    const wrapped = failing('users.fetch', { failureThreshold: 1, recoveryTimeout: 10, halfOpen: { maxCalls: 2, successThreshold: 2 } });
    configure(registry, 'users.fetch', { halfOpen: { maxCalls: 3 } });
    await rejectionOf(wrapped());
    await clock.advance(10);
    const probes = [1, 2, 3, 4].map(() => wrapped.breaker!.tryAcquire());
    expect(probes.map((probe) => probe !== undefined)).toEqual([true, true, true, false]);
    probes[0]!.success();
    probes[1]!.success();
    expect(wrapped.breaker!.state).toBe('half_open');
    probes[2]!.success();
    expect(wrapped.breaker!.state).toBe('closed');
  });

  it('leaves what was configured for one breaker, but for the options that it names itself', async () => {
    const wrapped = failing('users.fetch');
    configure(wrapped.breaker!, { failureThreshold: 2, recoveryTimeout: 300 });
    configure(registry, 'users.*', { recoveryTimeout: 700 });
    expect(await threshold(wrapped)).toBe(2);
    expect(wrapped.breaker!.retryAfter).toBe(700);
  });

  it('holds for the breaker that an operation which only retries gets later', async () => {
    const wrapped = withRetry(scripted(fails()), { name: 'retried', maxAttempts: 1, registry });
    configure(registry, 'retried', { failureThreshold: 2 });
    expect(wrapped.breaker!.state).toBe('closed');
    failing('retried');
    expect(await threshold(wrapped)).toBe(2);
  });

  it('reaches the keys of an operation, those to come included', async () => {
    const failingAt = scripted(fails());
    const call = withBreaker(async (host: string) => failingAt(host), { name: 'hosts', key: (host) => host, registry });
    await rejectionOf(call('a'));
    configure(registry, 'hosts', { failureThreshold: 2, maxKeys: 2 });
    await rejectionOf(call('a'));
    await rejectionOf(call('b'));
    await rejectionOf(call('b'));
    expect([...call.breakers.values()].map(({ state }) => state)).toEqual(['open', 'open']);
  });

  it.each<[string, object]>([
    ['name', { name: 'x' }], ['key', { key: () => 'a' }], ['scope', { scope: 'instance' }],
    ['registry', { registry: new BreakerRegistry() }], ['clock', { clock: new TimerClock() }],
  ])('refuses %s', (option, given) => {
    expect(() => configure(registry, '*', given)).toThrow(ConfigurationError);
    expect(() => configure(registry, '*', given)).toThrow(new RegExp(`configure\\('\\*'\\): ${option}`));
  });

  it.each<[object, string]>([
    [{ failureThreshold: 0 }, 'failureThreshold'], [{ failureTreshold: 1 }, 'failureTreshold'], [{ recoveryTimeout: -1 }, 'recoveryTimeout'],
    [{ failureThreshold: 2, window: { type: 'count', size: 3 } }, 'failureThreshold'],
  ])('refuses %p, and changes nothing', async (given, path) => {
    const wrapped = failing('users.fetch');
    let issues: readonly { path: string }[] = [];
    try {
      configure(registry, '*', given);
    } catch (error) {
      if (error instanceof ConfigurationError) ({ issues } = error);
    }
    expect(issues.map((issue) => issue.path)).toEqual([path]);
    expect(await threshold(wrapped)).toBe(5);
    expect(await threshold(failing('users.later'))).toBe(5);
  });

  it('goes with whatever options the operations have: the cap of a backoff is at least the recoveryTimeout', async () => {
    const live = failing('live', { failureThreshold: 1, recoveryTimeout: '1h' });
    configure(registry, '*', { failureThreshold: 2, recoveryBackoff: { max: '30m', factor: 10 } });
    const later = failing('later', { failureThreshold: 1, recoveryTimeout: '2h' });
    expect([await threshold(live), await threshold(later)]).toEqual([2, 2]);
    expect([live.breaker!.retryAfter, later.breaker!.retryAfter]).toEqual([3_600_000, 7_200_000]);
  });

  it('leaves what was configured for one breaker, where it says the same of another operation', async () => {
    const [one, other] = [failing('one'), failing('other')];
    configure(one.breaker!, { failureThreshold: 8 });
    configure(registry, 'other', { failureThreshold: 2 });
    expect([await threshold(one), await threshold(other)]).toEqual([8, 2]);
  });

  it('keeps of what was said earlier of the same pattern only what a later word does not say again', async () => {
    for (let n = 1; n <= 50; n++) configure(registry, 'users.*', { failureThreshold: n });
    configure(registry, 'users.*', { failureThreshold: 4, recoveryTimeout: '7s' });
    configure(registry, 'users.fetch', { recoveryTimeout: '8s' });
    configure(registry, 'users.*', { failureThreshold: 2 });
    expect(sourcesFor(registry.config, 'users.fetch', { source: 'site', options: {} }).slice(1).map(({ source, options }) => [source, options])).toEqual([
      ["configure('users.*')", { recoveryTimeout: '7s' }],
      ["configure('users.*')", { failureThreshold: 2 }],
      ["configure('users.fetch')", { recoveryTimeout: '8s' }],
    ]);
    const wrapped = failing('users.fetch');
    expect(await threshold(wrapped)).toBe(2);
    expect(wrapped.breaker!.retryAfter).toBe(8000);
  });

  it('keeps what was said earlier of the same pattern about other options', async () => {
    configure(registry, 'users.*', { failureThreshold: 2 });
    configure(registry, 'users.*', { recoveryTimeout: '7s' });
    const wrapped = failing('users.fetch');
    expect(await threshold(wrapped)).toBe(2);
    expect(wrapped.breaker!.retryAfter).toBe(7000);
  });

  it('is told as the source of its options, of an operation with many breakers too', () => {
    configure(registry, 'hosts', { failureThreshold: 2 });
    const hosts = withBreaker(async (_host: string) => undefined, { name: 'hosts', key: (host) => host, registry });
    expect(describePipeline(hosts)).toContain("failureThreshold: 2 (configure('hosts'))");
  });

  it('copies the options', async () => {
    const options = { failureThreshold: 2 };
    configure(registry, '*', options);
    options.failureThreshold = 9;
    expect(await threshold(failing('users.fetch'))).toBe(2);
  });

  it.each([undefined, null, 5, {}, Symbol('a')])('refuses the pattern %p', (pattern) => {
    expect(() => {
      configure(registry, pattern as never, { failureThreshold: 2 });
    }).toThrow(ConfigurationError);
  });

  it('is no matter of other registries', async () => {
    configure(registry, '*', { failureThreshold: 2 });
    expect(await threshold(failing('users.fetch', {}, new BreakerRegistry()))).toBe(5);
  });
});

describe('new BreakerRegistry', () => {
  it('names all that is wrong with its options; its defaults are checked at their first use', () => {
    let issues: readonly { path: string }[] = [];
    try {
      new BreakerRegistry({ defaults: { failureThreshold: 0, recoverTimeout: 1 }, clock: {}, rndom: 1 } as never);
    } catch (error) {
      if (error instanceof ConfigurationError) ({ issues } = error);
    }
    expect(issues.map(({ path }) => path).sort()).toEqual(['clock', 'rndom']);
    const box = new BreakerRegistry({ defaults: { failureThreshold: 0, recoverTimeout: 1 } as never });
    const retried = withRetry(scripted(fails()), { name: 'retried', registry: box });
    for (const use of [() => breakerOf('a', undefined, box), () => failing('b', {}, box), () => failing('retried', {}, box)]) {
      expect(use).toThrow(/^new BreakerRegistry:\n {2}- defaults\.failureThreshold: .*\n {2}- defaults\.recoverTimeout: /);
    }
    expect(box.names()).toEqual([retried.operation]);
  });

  it.each([
    ['name', 'payments'],
    ['key', () => 'host'],
    ['scope', 'instance'],
    ['stream', true],
    ['registry', new BreakerRegistry()],
  ])('refuses %s as a default', (option, value) => {
    const make = () => breakerOf('a', undefined, new BreakerRegistry({ defaults: { failureThreshold: 2, [option]: value } as BreakerOptions }));
    const issue = { path: `defaults.${option}`, message: expect.stringContaining('cannot be a default') as string, received: value };
    expect(make).toThrow(expect.objectContaining({ code: 'BREAKER_CONFIG', issues: [issue] }));
  });

  it("takes scope: 'class', clock and random as defaults", () => {
    const box = new BreakerRegistry({ defaults: { scope: 'class', clock, random: () => 0 } });
    expect(breakerOf('a', undefined, box).state).toBe('closed');
  });

  it.each([null, 3, 'x'])('refuses %p', (given) => {
    expect(() => new BreakerRegistry(given as never)).toThrow(ConfigurationError);
  });

  it('lends its clock and its random source to breakers and retries', async () => {
    const box = new BreakerRegistry({ clock, random: () => 0.25 });
    const retried = withRetry(scripted(fails()), { name: 'lent', baseDelay: 1000, maxAttempts: 2, registry: box });
    await rejectionOf(clock.until(retried()));
    expect(clock.delays).toEqual([250]);
    const broken = failing('lent.breaker', { failureThreshold: 1, recoveryTimeout: 40 }, box);
    await rejectionOf(broken());
    await clock.advance(40);
    expect(broken.breaker!.state).toBe('half_open');
  });

  it('lends nothing where a site has its own', async () => {
    const own = new TimerClock();
    const box = new BreakerRegistry({ clock });
    const retried = withRetry(scripted(fails()), { name: 'own', baseDelay: 1000, jitter: false, maxAttempts: 2, registry: box, clock: own });
    await rejectionOf(own.until(retried()));
    expect([own.delays, clock.delays]).toEqual([[1000], []]);
  });
});

describe('breakerOf', () => {
  it.each([undefined, null, 5, {}])('refuses the name %p, and registers nothing', (name) => {
    expect(() => breakerOf(name as never, undefined, registry)).toThrow(ConfigurationError);
    expect(registry.size).toBe(0);
  });
});
