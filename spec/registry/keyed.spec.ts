import fc from 'fast-check';
import { BreakerRegistry, ConfigurationError, withBreaker, withRetry, type BreakerOptions } from '../../lib';
import { clearOverride, disable, forceOpen } from '../../lib/operate';
import { pending, rejectionOf } from '../composition/support/flaky';
import { TimerClock } from '../support/timer-clock';
import { collectWarnings } from './support/warnings';
import { runs } from '../support/runs';

/** An operation keyed by its first argument, which fails where the second says so. */
function setUp(options: BreakerOptions = {}) {
  const clock = new TimerClock();
  const registry = new BreakerRegistry({ clock });
  const call = withBreaker(
    async (_host: string, fails?: boolean) => {
      if (fails) throw new Error('down');
    },
    { name: 'hosts.fetch', key: (host: string) => host, failureThreshold: 1, recoveryTimeout: 1000, registry, ...options },
  );
  const open = (host: string) => rejectionOf(call(host, true));
  return { clock, registry, call, open, keys: () => registry.keys('hosts.fetch') };
}

describe('a keyed operation', () => {
  it('has one breaker for each key: one that opens leaves the others alone', async () => {
    const { call, open } = setUp();
    await open('a');
    expect(await rejectionOf(call('a'))).toMatchObject({ code: 'BREAKER_OPEN', operation: 'hosts.fetch', key: 'a' });
    await expect(call('b')).resolves.toBeUndefined();
    expect([...call.breakers].map(([key, { state }]) => [key, state])).toEqual([['a', 'open'], ['b', 'closed']]);
  });

  it('has no single breaker, but its keys can be listed and got', async () => {
    const { registry, call, open } = setUp();
    await call('a');
    await open('b');
    expect([call.breaker, registry.get('hosts.fetch'), registry.has('hosts.fetch')]).toEqual([undefined, undefined, true]);
    expect(registry.keys('hosts.fetch')).toEqual(['a', 'b']);
    expect(registry.get('hosts.fetch', 'b')).toBe(call.breakers.get('b'));
    expect(registry.get('hosts.fetch', 'b')).toMatchObject({ name: 'hosts.fetch', key: 'b', state: 'open' });
    expect(registry.get('hosts.fetch', 'nobody')).toBeUndefined();
    expect([...registry].map(([name, { key }]) => [name, key])).toEqual([['hosts.fetch', 'a'], ['hosts.fetch', 'b']]);
  });

  it('takes its key from all arguments and the receiver', async () => {
    const registry = new BreakerRegistry();
    const client = {
      tenant: 'acme',
      fetch: withBreaker(async (_host: string, _port: number) => undefined, {
        name: 'fetch', registry,
        key: function (this: { tenant: string }, host: string, port: number) {
          return `${this.tenant}/${host}:${port}`;
        },
      }),
    };
    await client.fetch('db', 5432);
    expect(registry.keys('fetch')).toEqual(['acme/db:5432']);
  });

  it.each<[string, () => unknown]>([
    ['throws', () => { throw new TypeError('no host'); }],
    ['gives a number', () => 7],
    ['gives undefined', () => undefined],
    ['gives a promise', async () => 'a'],
  ])('rejects the call with ConfigurationError when the key function %s, and does not run the function', async (_case, key) => {
    const fn = jest.fn(async () => undefined);
    const wrapped = withBreaker(fn, { name: 'hosts.fetch', key: key as () => string, registry: new BreakerRegistry() });
    const error = await rejectionOf(wrapped());
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error).toMatchObject({ operation: 'hosts.fetch', issues: [{ path: 'key' }] });
    expect(fn).not.toHaveBeenCalled();
  });

  it('takes the rejection of a promise that the key function gave: it is nobody else’s', async () => {
    const unhandled = jest.fn();
    process.on('unhandledRejection', unhandled);
    const key = (async () => { throw new Error('no host'); }) as never;
    const wrapped = withBreaker(async () => undefined, { name: 'hosts.fetch', key, registry: new BreakerRegistry() });
    try {
      expect(await rejectionOf(wrapped())).toBeInstanceOf(ConfigurationError);
      await new Promise(setImmediate);
      expect(unhandled).not.toHaveBeenCalled();
    } finally {
      process.off('unhandledRejection', unhandled);
    }
  });

  it('takes any key for itself, also while others share a breaker', async () => {
    const { registry, call, open } = setUp({ maxKeys: 2 });
    const warnings = collectWarnings();
    await open('a');
    await open('_overflow');
    await open('without room');
    expect(await rejectionOf(call('also without room'))).toMatchObject({ code: 'BREAKER_OPEN', key: undefined });
    registry.get('hosts.fetch', '_overflow')!.reset();
    await expect(call('_overflow')).resolves.toBeUndefined();
    expect(registry.get('hosts.fetch', '_overflow')!.stats).toMatchObject({ calls: 1, successes: 1 });
    warnings.stop();
  });

  it('does not retry such a call', async () => {
    const key = jest.fn(() => 7 as never);
    const wrapped = withRetry(withBreaker(async () => undefined, { key, registry: new BreakerRegistry() }), { baseDelay: 0 });
    expect(await rejectionOf(wrapped())).toBeInstanceOf(ConfigurationError);
    expect(key).toHaveBeenCalledTimes(1);
  });

  it('refuses scope: instance beside key', () => {
    const make = () => withBreaker(async () => undefined, { key: () => 'a', scope: 'instance' });
    expect(make).toThrow(ConfigurationError);
  });

  it('is reset and overridden by name, keys to come included', async () => {
    const { registry, call, open } = setUp();
    await open('a');
    registry.reset('hosts.fetch');
    expect(call.breakers.get('a')!.state).toBe('closed');

    forceOpen(registry, 'hosts.fetch');
    expect(await rejectionOf(call('a'))).toMatchObject({ code: 'BREAKER_OPEN' });
    expect(await rejectionOf(call('to come'))).toMatchObject({ code: 'BREAKER_OPEN', key: 'to come' });

    clearOverride(registry, 'hosts.fetch');
    await expect(call('to come')).resolves.toBeUndefined();
    await expect(call('later')).resolves.toBeUndefined();
  });

  it('forgets an override for keys to come once it has ended', async () => {
    const { clock, registry, call } = setUp();
    forceOpen(registry, 'hosts.fetch', { for: 500 });
    await clock.advance(500);
    await expect(call('a')).resolves.toBeUndefined();
    expect(call.breakers.get('a')!.override).toBeUndefined();
  });
});

describe('rule 33: the number of keys', () => {
  it('is bounded by maxKeys: the least recently used key that is closed and idle goes', async () => {
    const { call, keys } = setUp({ maxKeys: 3 });
    for (const key of ['a', 'b', 'c', 'a']) await call(key);
    await call('d');
    expect(keys()).toEqual(['c', 'a', 'd']);
  });

  it('keeps an open one', async () => {
    const { call, open, keys } = setUp({ maxKeys: 2 });
    await open('bad');
    await call('a');
    await call('b');
    await call('c');
    expect(keys()).toEqual(['bad', 'c']);
  });

  it('keeps one with a call in flight', async () => {
    const registry = new BreakerRegistry();
    const fn = pending();
    const call = withBreaker(fn, { name: 'busy', key: (host: unknown) => String(host), maxKeys: 1, registry });
    const warnings = collectWarnings();
    const first = call('a');
    void call('b');
    expect(registry.keys('busy')).toContain('a');
    expect(registry.keys('busy')).not.toContain('b');

    fn.calls[0]!.resolve();
    await first;
    void call('c');
    expect(registry.keys('busy')).toContain('c');
    expect(registry.keys('busy')).not.toContain('a');
    warnings.stop();
  });

  it('keeps one with an override', async () => {
    const { registry, call, keys } = setUp({ maxKeys: 1 });
    const warnings = collectWarnings();
    await call('a');
    disable(registry.get('hosts.fetch', 'a')!);
    await call('b');
    expect(keys()).toContain('a');
    warnings.stop();
  });

  it('is kept by sharing one breaker among new keys when all are open, with one warning', async () => {
    const { call, open, keys } = setUp({ maxKeys: 2 });
    const warnings = collectWarnings();
    await open('a');
    await open('b');
    await call('c');
    await call('d');
    expect(keys()).toEqual(['a', 'b']);

    await open('e');
    expect(await rejectionOf(call('f'))).toMatchObject({ code: 'BREAKER_OPEN', key: undefined });
    expect(await rejectionOf(call('a'))).toMatchObject({ key: 'a' });
    expect(keys()).toEqual(['b', 'a']);
    expect(warnings.codes()).toEqual(['BREAKER_BOX_KEYS']);
    expect(warnings.messages()[0]).toMatch(/hosts\.fetch.*maxKeys/);
    warnings.stop();
  });

  it('lets new keys have their own again as soon as there is room', async () => {
    const { call, open, registry } = setUp({ maxKeys: 1 });
    const warnings = collectWarnings();
    await open('a');
    await call('b');
    registry.reset();
    await call('b');
    expect(registry.get('hosts.fetch', 'b')!.stats.calls).toBe(1);
    warnings.stop();
  });

  it('resets the breaker that new keys share with the others', async () => {
    const { call, open, registry } = setUp({ maxKeys: 1 });
    const warnings = collectWarnings();
    await open('a');
    await open('b');
    registry.reset('hosts.fetch');
    registry.get('hosts.fetch', 'a')!.trip();
    await expect(call('b')).resolves.toBeUndefined();
    warnings.stop();
  });

  it('shrinks as keys are idle: the next new key drops those unused for idleKeys', async () => {
    const { clock, call, keys } = setUp({ idleKeys: '10m' });
    await call('a');
    await clock.advance(300_000);
    await call('b');
    await clock.advance(299_999);
    await call('c');
    expect(keys()).toEqual(['a', 'b', 'c']);
    await clock.advance(1);
    await call('d');
    expect(keys()).toEqual(['b', 'c', 'd']);
  });

  it('keeps an idle key that is open, until idleKeys after its open time ended', async () => {
    const { clock, call, open, keys } = setUp({ idleKeys: 5000, recoveryTimeout: 20_000 });
    await open('bad');
    await clock.advance(24_999);
    await call('a');
    expect(keys()).toEqual(['bad', 'a']);
    await clock.advance(1);
    await call('b');
    expect(keys()).toEqual(['a', 'b']);
  });

  it('drops an idle key that stayed half open', async () => {
    const { clock, call, open, keys } = setUp({ idleKeys: 5000, halfOpen: { successThreshold: 2 } });
    await open('bad');
    await clock.advance(1000);
    await call('bad');
    expect(call.breakers.get('bad')!.state).toBe('half_open');
    await clock.advance(4999);
    await call('a');
    expect(keys()).toEqual(['bad', 'a']);
    await clock.advance(1);
    await call('b');
    expect(keys()).toEqual(['a', 'b']);
  });

  it('starts anew with a key that comes back', async () => {
    const { call, keys } = setUp({ maxKeys: 1, failureThreshold: 2 });
    await rejectionOf(call('a', true));
    await call('b');
    await rejectionOf(call('a', true));
    expect(keys()).toEqual(['a']);
    expect(call.breakers.get('a')!.failureCount).toBe(1);
  });

  it('never passes maxKeys and one, and never loses an open or busy key, whatever the calls', async () => {
    const calls = fc.array(
      fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', '__proto__'), fails: fc.boolean(), waits: fc.nat(900) }),
      { maxLength: 60 },
    );
    const warnings = collectWarnings();
    await fc.assert(
      fc.asyncProperty(calls, fc.integer({ min: 1, max: 4 }), async (script, maxKeys) => {
        const { clock, registry, call, keys } = setUp({ maxKeys, idleKeys: 3000 });
        for (const { key, fails, waits } of script) {
          const openBefore = keys().filter((one) => registry.get('hosts.fetch', one)!.state === 'open');
          await call(key, fails).catch(() => undefined);
          expect(keys().length).toBeLessThanOrEqual(maxKeys);
          expect(keys()).toEqual(expect.arrayContaining(openBefore));
          await clock.advance(waits);
        }
      }),
      { numRuns: runs(100) },
    );
    warnings.stop();
  });
});

describe('rule 34: odd keys', () => {
  it('are keys like any other', async () => {
    const { call, open, keys } = setUp();
    const odd = ['__proto__', 'constructor', 'toString', '', 'hosts.fetch', ' '];
    for (const key of odd) await call(key);
    expect(keys()).toEqual(odd);
    await open('__proto__');
    expect(odd.map((key) => call.breakers.get(key)!.state)).toEqual(['open', ...odd.slice(1).map(() => 'closed')]);
  });
});
