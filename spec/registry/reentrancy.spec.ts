import { breakerOf, BreakerRegistry, CircuitOpenError, withBreaker, withRegistry } from '../../lib';
import { clearOverride, configure, forceOpen, restore, shadow, snapshot } from '../../lib/operate';
import { ManualClock } from '../support/manual-clock';

const fails = async (): Promise<never> => {
  throw new Error('down');
};

describe('a registry whose listeners call back', () => {
  it('registers a site once, though a register listener asks for it', async () => {
    const registry = new BreakerRegistry();
    const wrapped = withBreaker(async function load() { return 1; });
    registry.on('register', () => wrapped.breaker);

    await withRegistry(registry, () => wrapped());

    expect(registry.names()).toEqual(['load']);
  });

  it('has removed an operation when a remove listener is told', () => {
    const registry = new BreakerRegistry();
    const first = breakerOf('users', undefined, registry);
    const seen: unknown[] = [];
    registry.on('remove', () => seen.push(registry.get('users')));

    registry.delete('users');

    expect(seen).toEqual([undefined]);
    expect(breakerOf('users', undefined, registry)).not.toBe(first);
  });

  it('makes one breaker for a key, though an override listener calls with it', async () => {
    const registry = new BreakerRegistry();
    const call = withBreaker(async (key: string) => key, { name: 'keyed', key: (key: string) => key, registry });
    shadow(registry, 'keyed');
    const inner: Promise<string>[] = [];
    registry.on('override', () => inner.length < 3 && inner.push(call('a')));

    await call('a');
    await Promise.all(inner);

    expect(inner).toHaveLength(1);
    expect(registry.get('keyed', 'a')!.stats.calls).toBe(2);
    expect(registry.get('keyed', 'a')!.override).toBe('shadow');
  });

  it.each([
    ['an instance', (method: () => Promise<void>) => ({ method })],
    ['the calls without one', (method: () => Promise<void>) => ({ method: () => method() })],
  ])('makes one breaker for %s, though an override listener calls', async (_whose, holding) => {
    const registry = new BreakerRegistry();
    const object = holding(withBreaker(async () => undefined, { name: 'each', scope: 'instance', registry }));
    shadow(registry, 'each');
    const inner: Promise<void>[] = [];
    registry.on('override', () => inner.length < 3 && inner.push(object.method()));

    await object.method();
    await Promise.all(inner);

    expect([...registry].map(([, { stats, override }]) => [stats.calls, override])).toEqual([[2, 'shadow']]);
  });

  it('opens a tripped breaker once, though a listener trips it too', () => {
    const clock = new ManualClock();
    const breaker = breakerOf('users', { recoveryTimeout: 100 }, new BreakerRegistry({ clock }));
    breaker.trip();
    clock.advance(100);
    breaker.on('transition', ({ to }) => {
      if (to === 'half_open') breaker.trip('listener');
    });

    breaker.trip();

    expect(breaker.stats.opens).toBe(2);
  });
});

describe('what an operator says before an operation registers', () => {
  it('holds when it registers: an override', async () => {
    const registry = new BreakerRegistry();
    forceOpen(registry, 'later');
    const wrapped = withBreaker(fails, { name: 'later', registry });

    await expect(wrapped()).rejects.toBeInstanceOf(CircuitOpenError);
    expect(wrapped.breaker?.override).toBe('forced_open');
  });

  it('does not hold when it has ended or was taken back', () => {
    const clock = new ManualClock();
    const registry = new BreakerRegistry({ clock });
    forceOpen(registry, 'ended', { for: 100 });
    forceOpen(registry, 'cleared');
    clock.advance(100);
    clearOverride(registry, 'cleared');

    expect(breakerOf('ended', undefined, registry).override).toBeUndefined();
    expect(breakerOf('cleared', undefined, registry).override).toBeUndefined();
  });

  it.each([1e12, -1e12])('holds as long as it was said, by the clock of the operation, at %p', (nowMs) => {
    const registry = new BreakerRegistry({ clock: new ManualClock() });
    forceOpen(registry, 'later', { for: '5m' });
    const clock = new ManualClock();
    clock.advance(nowMs);

    const { breaker } = withBreaker(fails, { name: 'later', registry, clock });

    expect(breaker?.retryAfter).toBe(300_000);
    clock.advance(300_000);
    expect(breaker?.override).toBeUndefined();
  });

  it('is in a snapshot that is taken before', () => {
    const registry = new BreakerRegistry();
    breakerOf('users', undefined, registry).trip();
    const other = new BreakerRegistry();

    restore(other, snapshot(registry));
    const third = new BreakerRegistry();
    restore(third, snapshot(other));

    expect(breakerOf('users', undefined, third).state).toBe('open');
  });
});

describe('a keyed operation', () => {
  const setUp = (maxKeys: number) => {
    const registry = new BreakerRegistry();
    const call = withBreaker(async (key: string) => key, { name: 'keyed', key: (key: string) => key, maxKeys, registry });
    return { registry, call };
  };

  it('takes from a snapshot as many keys as it has room for', async () => {
    const { registry, call } = setUp(50);
    for (let i = 0; i < 50; i++) {
      await call(`k${i}`);
      registry.get('keyed', `k${i}`)?.trip();
    }
    const small = setUp(5);

    restore(small.registry, snapshot(registry));

    expect(small.registry.keys('keyed')).toHaveLength(5);
  });

  it('shrinks to a lower maxKeys when room is made', async () => {
    const { registry, call } = setUp(100);
    for (let i = 0; i < 100; i++) await call(`k${i}`);
    configure(registry, 'keyed', { maxKeys: 5 });

    await call('new');

    expect(registry.keys('keyed')).toHaveLength(5);
  });

  it('does not show the breaker that keys without room share as a key', async () => {
    const { registry, call } = setUp(1);
    await call('open');
    registry.get('keyed', 'open')?.trip();
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation();

    await call('without room');

    expect(registry.keys('keyed')).toEqual(['open']);
    expect(snapshot(registry).breakers).toHaveLength(1);
    warnings.mockRestore();
  });

  it('lays no override on a key that comes after its end', async () => {
    const clock = new ManualClock();
    const registry = new BreakerRegistry({ clock });
    const call = withBreaker(async (key: string) => key, { name: 'keyed', key: (key: string) => key, registry });
    forceOpen(registry, 'keyed', { for: 100 });
    clock.advance(500);
    const overrides: unknown[] = [];
    registry.on('override', (event) => overrides.push(event));

    await expect(call('new')).resolves.toBe('new');

    expect(overrides).toEqual([]);
  });
});
