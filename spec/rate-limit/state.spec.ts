import { BreakerRegistry, rateLimit, RateLimitedError, withPolicies, withRegistry } from '../../lib';
import { TimerClock } from '../support/timer-clock';

function setUp() {
  const clock = new TimerClock();
  const registries = [new BreakerRegistry({ clock }), new BreakerRegistry({ clock })] as const;
  const call = withPolicies(async () => 'it', { name: 'orders.list', rateLimit: 1 });
  const passes = (registry: BreakerRegistry): Promise<boolean> =>
    withRegistry(registry, call).then(
      () => true,
      (error: unknown) => {
        if (error instanceof RateLimitedError) return false;
        throw error;
      },
    );
  return { clock, registries, passes };
}

describe('what a rate limit remembers', () => {
  it('is kept for each registry, and outlives going back and forth between them', async () => {
    const { registries: [one, other], passes } = setUp();
    expect([await passes(one), await passes(other)]).toEqual([true, true]);
    expect([await passes(one), await passes(other), await passes(one)]).toEqual([false, false, false]);
  });

  it('outlives the deletion of the operation', async () => {
    const { registries: [one], passes } = setUp();
    await passes(one);
    one.delete('orders.list');
    expect(await passes(one)).toBe(false);
  });

  it('lets those who wait in one registry have their turn while calls go to another', async () => {
    const clock = new TimerClock();
    const [one, other] = [new BreakerRegistry({ clock }), new BreakerRegistry({ clock })];
    const call = withPolicies(async (arg: string) => arg, { name: 'orders.list', rateLimit: { limit: 1, maxWait: '10s' } });
    const first = await withRegistry(one, () => call('a'));
    const waiting = withRegistry(one, () => call('b'));
    await withRegistry(other, () => call('c'));
    expect([first, await clock.until(waiting)]).toEqual(['a', 'b']);
    expect([clock.now(), clock.armed]).toEqual([1000, 0]);
  });

  it('is its own for each place where the same options are used', async () => {
    const options = { limit: 1, clock: new TimerClock() };
    const policy = rateLimit(options);
    const [one, other] = [withPolicies(async () => 1, [policy]), withPolicies(async () => 2, [policy])];
    expect([await one(), await other()]).toEqual([1, 2]);
  });

  it('goes by the clock of the policy, or else by that of the registry', async () => {
    const [own, ofRegistry] = [new TimerClock(), new TimerClock()];
    const registry = new BreakerRegistry({ clock: ofRegistry });
    const call = withPolicies(async () => 'it', { registry, rateLimit: { limit: 1, clock: own } });
    await call();
    await ofRegistry.advance(5000);
    await expect(call()).rejects.toBeInstanceOf(RateLimitedError);
    await own.advance(1000);
    await expect(call()).resolves.toBe('it');
  });
});
