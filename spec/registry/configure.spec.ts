import { BreakerRegistry, ConfigurationError, describePipeline, withBreaker, withRetry, type BreakerOptions } from '../../lib';
import { fails, rejectionOf, scripted } from '../composition/support/flaky';
import { TimerClock } from '../support/timer-clock';
import { collectWarnings } from './support/warnings';

let clock: TimerClock;
let registry: BreakerRegistry;

beforeEach(() => {
  clock = new TimerClock();
  registry = new BreakerRegistry({ clock });
});

const failing = (name: string, options: BreakerOptions = {}, box = registry) =>
  withBreaker(scripted(fails()), { name, registry: box, ...options });

/** How many failures open a breaker. */
async function threshold(wrapped: ReturnType<typeof failing>): Promise<number> {
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
    box.configure('operator', { failureThreshold: 2 });
    expect(await threshold(operated)).toBe(2);
  });

  it('is decided for each option by itself', async () => {
    const box = new BreakerRegistry({ defaults: { failureThreshold: 4, recoveryTimeout: 700 }, clock });
    const wrapped = failing('users.fetch', { recoveryTimeout: 300 }, box);
    box.configure('users.*', { rejectionStacks: true });
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
    registry.configure('payments.*', { failureThreshold: 2 });
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
    registry.configure(pattern, { failureThreshold: 2 });
    expect(await threshold(wrapped)).toBe(applies ? 2 : 5);
  });

  it('lets exact names win over patterns, whichever came first', async () => {
    const wrapped = failing('users.fetch');
    registry.configure('users.fetch', { failureThreshold: 2 });
    registry.configure('users.*', { failureThreshold: 3 });
    expect(await threshold(wrapped)).toBe(2);
  });

  it('lets later calls win over earlier ones', async () => {
    const wrapped = failing('users.fetch');
    registry.configure('users.*', { failureThreshold: 2 });
    registry.configure('*', { failureThreshold: 3 });
    expect(await threshold(wrapped)).toBe(3);
    registry.configure('users.*', { failureThreshold: 4 });
    expect(await threshold(wrapped)).toBe(4);
  });

  it('keeps state and counts', async () => {
    const wrapped = failing('users.fetch');
    for (let n = 0; n < 3; n++) await rejectionOf(wrapped());
    registry.configure('users.fetch', { failureThreshold: 4 });
    expect(wrapped.breaker!.failureCount).toBe(3);
    await rejectionOf(wrapped());
    expect(wrapped.breaker!.state).toBe('open');
    registry.configure('users.fetch', { recoveryTimeout: 123 });
    expect(wrapped.breaker!.retryAfter).toBe(123);
  });

  it('replaces nested objects whole', async () => {
    const wrapped = failing('users.fetch', { failureThreshold: 1, recoveryTimeout: 10, halfOpen: { maxCalls: 2, successThreshold: 2 } });
    registry.configure('users.fetch', { halfOpen: { maxCalls: 3 } });
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
    wrapped.breaker!.configure({ failureThreshold: 2, recoveryTimeout: 300 });
    registry.configure('users.*', { recoveryTimeout: 700 });
    expect(await threshold(wrapped)).toBe(2);
    expect(wrapped.breaker!.retryAfter).toBe(700);
  });

  it('reaches operations that only retry', async () => {
    const wrapped = withRetry(scripted(fails()), { name: 'retried', maxAttempts: 1, registry });
    registry.configure('retried', { failureThreshold: 2 });
    expect(await threshold(wrapped)).toBe(2);
  });

  it('reaches the keys of an operation, those to come included', async () => {
    const failingAt = scripted(fails());
    const call = withBreaker(async (host: string) => failingAt(host), { name: 'hosts', key: (host) => host, registry });
    await rejectionOf(call('a'));
    registry.configure('hosts', { failureThreshold: 2, maxKeys: 2 });
    await rejectionOf(call('a'));
    await rejectionOf(call('b'));
    await rejectionOf(call('b'));
    expect([...call.breakers.values()].map(({ state }) => state)).toEqual(['open', 'open']);
  });

  it.each<[string, object]>([
    ['name', { name: 'x' }], ['key', { key: () => 'a' }], ['scope', { scope: 'instance' }],
    ['registry', { registry: new BreakerRegistry() }], ['clock', { clock: new TimerClock() }],
  ])('refuses %s', (option, given) => {
    expect(() => registry.configure('*', given)).toThrow(ConfigurationError);
    expect(() => registry.configure('*', given)).toThrow(new RegExp(`configure\\('\\*'\\): ${option}`));
  });

  it.each<[object, string]>([
    [{ failureThreshold: 0 }, 'failureThreshold'], [{ failureTreshold: 1 }, 'failureTreshold'], [{ recoveryTimeout: -1 }, 'recoveryTimeout'],
    [{ failureThreshold: 2, window: { type: 'count', size: 3 } }, 'failureThreshold'],
  ])('refuses %p, and changes nothing', async (given, path) => {
    const wrapped = failing('users.fetch');
    let issues: readonly { path: string }[] = [];
    try {
      registry.configure('*', given);
    } catch (error) {
      if (error instanceof ConfigurationError) ({ issues } = error);
    }
    expect(issues.map((issue) => issue.path)).toEqual([path]);
    expect(await threshold(wrapped)).toBe(5);
    expect(await threshold(failing('users.later'))).toBe(5);
  });

  it('that does not go with a live operation’s options throws, and changes none of those that fit', async () => {
    const [fits, clashes] = [failing('fits'), failing('clashes', { recoveryTimeout: '1h' })];
    expect(() => registry.configure('*', { failureThreshold: 2, recoveryBackoff: { max: '30m' } })).toThrow(ConfigurationError);
    expect([await threshold(fits), await threshold(clashes)]).toEqual([5, 5]);
    expect(await threshold(failing('later'))).toBe(5);
  });

  it('that does not go with an operation that comes later is skipped there, with one warning', async () => {
    const warnings = collectWarnings();
    registry.configure('*', { failureThreshold: 2, recoveryBackoff: { max: '30m' } });
    const [fits, clashes] = [failing('fits'), failing('clashes', { recoveryTimeout: '1h' })];
    expect([await threshold(fits), await threshold(clashes)]).toEqual([2, 5]);
    expect(warnings.codes()).toEqual(['BREAKER_BOX_CONFIGURE']);
    expect(warnings.messages()[0]).toContain("'clashes'");
    warnings.stop();
  });

  it('that is skipped for an operation stays skipped when a part of it is said again', async () => {
    const warnings = collectWarnings();
    registry.configure('clashes', { failureThreshold: 3, recoveryBackoff: { max: '1s' } });
    const clashes = failing('clashes');
    registry.configure('clashes', { failureThreshold: 2 });
    expect(await threshold(clashes)).toBe(2);
    expect(warnings.codes()).toEqual(['BREAKER_BOX_CONFIGURE']);
    warnings.stop();
  });

  it('is judged with all that was configured: what only a later call makes fit is not skipped', async () => {
    const warnings = collectWarnings();
    registry.configure('users.*', { recoveryBackoff: { max: '1s', factor: 1 } });
    registry.configure('*', { recoveryTimeout: '500ms' });
    const wrapped = failing('users.fetch', { failureThreshold: 1, recoveryTimeout: '60s' });
    await rejectionOf(wrapped());
    expect(wrapped.breaker!.retryAfter).toBe(500);
    expect(warnings.codes()).toEqual([]);
    warnings.stop();
  });

  it.each<[string, BreakerOptions, BreakerOptions['recoveryTimeout'], number]>([
    ['skips what only the defaults would make fit', { recoveryTimeout: '1s' }, '10s', 1],
    ['keeps what the defaults alone would make clash', { recoveryTimeout: '1h' }, '30m', 0],
  ])('%s, for an operation that only retries, which has no defaults', (_what, defaults, max, warned) => {
    const warnings = collectWarnings();
    const box = new BreakerRegistry({ defaults });
    box.configure('retried', { recoveryBackoff: { max } });
    const wrapped = withRetry(scripted(fails()), { name: 'retried', registry: box });
    expect(wrapped.breaker!.state).toBe('closed');
    expect(warnings.codes()).toHaveLength(warned);
    warnings.stop();
  });

  it('is not blamed for options that are wrong by themselves', () => {
    const warnings = collectWarnings();
    const box = new BreakerRegistry({ defaults: { recoveryTimeout: '1s', recoveryBackoff: { max: '1m' } } });
    box.configure('*', { failureThreshold: 2 });
    expect(() => failing('wrong', { recoveryTimeout: '1h' }, box)).toThrow(ConfigurationError);
    expect(warnings.codes()).toEqual([]);
    warnings.stop();
  });

  it('that does not go with the site that adopts a breaker is skipped from then on, with one warning', async () => {
    const warnings = collectWarnings();
    registry.configure('adopted', { recoveryBackoff: { max: '70s' } });
    registry.configure('adopted*', { failureThreshold: 2 });
    const breaker = registry.getOrCreate('adopted');
    expect(warnings.codes()).toEqual([]);

    const wrapped = failing('adopted', { recoveryTimeout: '2m' });

    expect(wrapped.breaker).toBe(breaker);
    expect(await threshold(wrapped)).toBe(2);
    expect(breaker.retryAfter).toBe(120_000);
    expect(warnings.codes()).toEqual(['BREAKER_BOX_CONFIGURE']);
    warnings.stop();
  });

  it('of one breaker that does not go with the site that would adopt it makes the site throw, and changes nothing', () => {
    const breaker = registry.getOrCreate('adopted');
    breaker.configure({ recoveryBackoff: { max: '70s' } });
    expect(() => failing('adopted', { recoveryTimeout: '2m' })).toThrow(ConfigurationError);
    expect(failing('adopted', { recoveryTimeout: '1s' }).breaker).toBe(breaker);
    breaker.trip();
    expect(breaker.retryAfter).toBe(1000);
  });

  it('leaves what was configured for one breaker, where it says the same of another operation', async () => {
    const [one, other] = [failing('one'), failing('other')];
    one.breaker!.configure({ failureThreshold: 8 });
    registry.configure('other', { failureThreshold: 2 });
    expect([await threshold(one), await threshold(other)]).toEqual([8, 2]);
  });

  it('keeps of what was said earlier of the same pattern only what a later word does not say again', async () => {
    for (let n = 1; n <= 50; n++) registry.configure('users.*', { failureThreshold: n });
    registry.configure('users.*', { failureThreshold: 4, recoveryTimeout: '7s' });
    registry.configure('users.fetch', { recoveryTimeout: '8s' });
    registry.configure('users.*', { failureThreshold: 2 });
    expect(registry.patterns.rulesFor('users.fetch').map(({ pattern, options }) => [pattern, options])).toEqual([
      ['users.*', { recoveryTimeout: '7s' }],
      ['users.*', { failureThreshold: 2 }],
      ['users.fetch', { recoveryTimeout: '8s' }],
    ]);
    const wrapped = failing('users.fetch');
    expect(await threshold(wrapped)).toBe(2);
    expect(wrapped.breaker!.retryAfter).toBe(8000);
  });

  it('keeps what was said earlier of the same pattern about other options', async () => {
    registry.configure('users.*', { failureThreshold: 2 });
    registry.configure('users.*', { recoveryTimeout: '7s' });
    const wrapped = failing('users.fetch');
    expect(await threshold(wrapped)).toBe(2);
    expect(wrapped.breaker!.retryAfter).toBe(7000);
  });

  it('is told as the source of its options, of an operation with many breakers too', () => {
    registry.configure('hosts', { failureThreshold: 2 });
    const hosts = withBreaker(async (_host: string) => undefined, { name: 'hosts', key: (host) => host, registry });
    expect(describePipeline(hosts)).toContain("failureThreshold: 2 (registry.configure('hosts'))");
  });

  it('is told as the source of its options, and not where it is skipped', () => {
    const warnings = collectWarnings();
    registry.configure('*', { recoveryBackoff: { max: '30m' } });
    registry.configure('clashes', { failureThreshold: 2 });
    const text = describePipeline(failing('clashes', { recoveryTimeout: '1h' }));
    expect(text).toContain("failureThreshold: 2 (registry.configure('clashes'))");
    expect(text).toContain('recoveryTimeout: 3600000 (site)');
    expect(text).not.toContain('recoveryBackoff');
    warnings.stop();
  });

  it('copies the options', async () => {
    const options = { failureThreshold: 2 };
    registry.configure('*', options);
    options.failureThreshold = 9;
    expect(await threshold(failing('users.fetch'))).toBe(2);
  });

  it.each([undefined, null, 5, {}, Symbol('a')])('refuses the pattern %p', (pattern) => {
    expect(() => {
      registry.configure(pattern as never, { failureThreshold: 2 });
    }).toThrow(ConfigurationError);
  });

  it('is no matter of other registries', async () => {
    registry.configure('*', { failureThreshold: 2 });
    expect(await threshold(failing('users.fetch', {}, new BreakerRegistry()))).toBe(5);
  });
});

describe('new BreakerRegistry', () => {
  it('names all that is wrong with its options', () => {
    let issues: readonly { path: string }[] = [];
    try {
      new BreakerRegistry({ defaults: { failureThreshold: 0, recoverTimeout: 1 }, clock: {}, rndom: 1 } as never);
    } catch (error) {
      if (error instanceof ConfigurationError) ({ issues } = error);
    }
    expect(issues.map(({ path }) => path).sort()).toEqual(['clock', 'defaults.failureThreshold', 'defaults.recoverTimeout', 'rndom']);
  });

  it.each([
    ['name', 'payments'],
    ['key', () => 'host'],
    ['scope', 'instance'],
    ['stream', true],
    ['registry', new BreakerRegistry()],
  ])('refuses %s as a default', (option, value) => {
    const make = () => new BreakerRegistry({ defaults: { failureThreshold: 2, [option]: value } as BreakerOptions });
    const issue = { path: `defaults.${option}`, message: expect.stringContaining('cannot be a default') as string, received: value };
    expect(make).toThrow(expect.objectContaining({ code: 'BREAKER_CONFIG', issues: [issue] }));
  });

  it("takes scope: 'class', clock and random as defaults", () => {
    const box = new BreakerRegistry({ defaults: { scope: 'class', clock, random: () => 0 } });
    expect(box.getOrCreate('a').state).toBe('closed');
  });

  it('refuses defaults that do not go together', () => {
    expect(() => new BreakerRegistry({ defaults: { recoveryTimeout: '1h', recoveryBackoff: { max: '30m' } } })).toThrow(
      /^new BreakerRegistry: recoveryBackoff/,
    );
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

describe('getOrCreate', () => {
  it.each([undefined, null, 5, {}])('refuses the name %p, and registers nothing', (name) => {
    expect(() => registry.getOrCreate(name as never)).toThrow(ConfigurationError);
    expect(registry.size).toBe(0);
  });
});
