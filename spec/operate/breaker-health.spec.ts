import { breakerOf, BreakerRegistry, ConfigurationError, withBreaker } from '../../lib';
import { breakerHealth, forceOpen, shadow } from '../../lib/operate';
import { ManualClock } from '../support/manual-clock';

const clock = new ManualClock();
let registry: BreakerRegistry;

beforeEach(() => {
  registry = new BreakerRegistry({ clock });
});

const fails = (): Promise<never> => Promise.reject(new Error('down'));

/** An operation with a breaker for each argument, which opens at the first failure; the call fails for those given. */
async function keyed(name: string, { works = [] as string[], failing = [] as string[] }): Promise<void> {
  const call = withBreaker((_key: string, fn: () => Promise<unknown>) => fn(), { name, registry, key: (key) => key, failureThreshold: 1 });
  for (const key of works) await call(key, () => Promise.resolve('fine'));
  for (const key of failing) await call(key, fails).catch(() => undefined);
}

describe('breakerHealth', () => {
  it('is up and says nothing when there is no operation', () => {
    expect(breakerHealth(registry)).toEqual({ status: 'up', operations: {} });
  });

  it('shows an open circuit in full, and stays up', () => {
    breakerOf('mail.send', { recoveryTimeout: '30s' }, registry).trip();
    const openedAt = clock.wallTime();
    clock.advance(10_000);
    expect(breakerHealth(registry)).toEqual({
      status: 'up',
      operations: { 'mail.send': { state: 'open', failureCount: 0, retryAfter: 20_000, openedAt, critical: false } },
    });
  });

  it('counts the failures of a closed circuit, and says nothing that is only true of an open one', async () => {
    await breakerOf('mail.send', undefined, registry).execute(fails).catch(() => undefined);
    expect(breakerHealth(registry).operations).toEqual({ 'mail.send': { state: 'closed', failureCount: 1, critical: false } });
  });

  it('is down while a critical operation is open', () => {
    breakerOf('db.read', undefined, registry).trip();
    breakerOf('db.write', undefined, registry);
    const { status, operations } = breakerHealth(registry, { critical: ['db.*'] });
    expect(status).toBe('down');
    expect(operations['db.read']).toMatchObject({ state: 'open', critical: true });
    expect(operations['db.write']).toMatchObject({ state: 'closed', critical: true });
  });

  it('is up again as soon as a probe may pass, for no probe comes to a process that gets no calls', () => {
    breakerOf('db.read', { recoveryTimeout: '30s' }, registry).trip();
    clock.advance(30_000);
    const { status, operations } = breakerHealth(registry, { critical: ['db.*'] });
    expect(status).toBe('up');
    expect(operations['db.read']).toMatchObject({ state: 'half_open' });
  });

  it('does not take an open operation for critical that no pattern names', () => {
    breakerOf('cache.db.read', undefined, registry).trip();
    expect(breakerHealth(registry, { critical: ['db.*', 'cache'] }).status).toBe('up');
  });

  it('leaves out a wait without end, which JSON cannot say', () => {
    breakerOf('db.read', { recoveryTimeout: Infinity }, registry).trip();
    expect(breakerHealth(registry).operations['db.read']).not.toHaveProperty('retryAfter');
  });

  it('shows an override, and is down while a critical operation is forced open', () => {
    forceOpen(breakerOf('db.read', undefined, registry), { for: '1m' });
    const { status, operations } = breakerHealth(registry, { critical: ['db.read'] });
    expect(status).toBe('down');
    expect(operations['db.read']).toEqual({ state: 'open', failureCount: 0, retryAfter: 60_000, critical: true, override: 'forced_open' });
  });

  it('is up while an open circuit is shadowed: it lets calls pass', () => {
    const breaker = breakerOf('db.read', undefined, registry);
    breaker.trip();
    shadow(breaker);
    const { status, operations } = breakerHealth(registry, { critical: ['db.read'] });
    expect(status).toBe('up');
    expect(operations['db.read']).toMatchObject({ state: 'open', override: 'shadow' });
  });

  it('of a breaker per key, shows the one that has been open for longest, and how many are in each state', async () => {
    await keyed('fetch', { works: ['a.test', 'b.test'], failing: ['c.test'] });
    const openedAt = clock.wallTime();
    clock.advance(1000);
    await keyed('fetch', { failing: ['d.test'] });
    expect(breakerHealth(registry).operations['fetch']).toEqual({
      state: 'open',
      failureCount: 1,
      retryAfter: 59_000,
      openedAt,
      critical: false,
      breakers: { closed: 2, half_open: 0, open: 2 },
    });
  });

  it('is up while a critical operation still serves some keys, and down when it serves none', async () => {
    await keyed('db.shard', { works: ['1'], failing: ['2'] });
    expect(breakerHealth(registry, { critical: ['db.*'] }).status).toBe('up');
    await keyed('db.shard', { failing: ['1'] });
    expect(breakerHealth(registry, { critical: ['db.*'] }).status).toBe('down');
  });

  it('shows a keyed operation that has had no call as closed', async () => {
    await keyed('fetch', {});
    expect(breakerHealth(registry, { critical: ['*'] })).toEqual({
      status: 'up',
      operations: { fetch: { state: 'closed', failureCount: 0, critical: true, breakers: { closed: 0, half_open: 0, open: 0 } } },
    });
  });

  it.each(['__proto__', 'constructor', 'toString', '', 'a\nb'])('shows an operation named %j as any other, also as JSON', (name) => {
    breakerOf(name, undefined, registry).trip();
    const { operations } = JSON.parse(JSON.stringify(breakerHealth(registry))) as { operations: object };
    expect(Object.entries(operations)).toEqual([[name, expect.objectContaining({ state: 'open' })]]);
  });

  it('refuses what is no registry, and unknown or wrong options', () => {
    expect(() => breakerHealth({} as never)).toThrow(ConfigurationError);
    expect(() => breakerHealth(registry, { critical: 'db.*' as never })).toThrow(/critical/);
    expect(() => breakerHealth(registry, { critical: ['db', 3 as never] })).toThrow(/critical\.1/);
    expect(() => breakerHealth(registry, { citical: [] } as never)).toThrow(/critical/);
  });
});
