import { BreakerRegistry, ConfigurationError, RateLimitedError, withPolicies, type RateLimitEvent, type RateLimitOptions } from '../../lib';
import { rejectionOf } from '../composition/support/flaky';
import { TimerClock } from '../support/timer-clock';

function setUp(given: Partial<RateLimitOptions> = {}) {
  const clock = new TimerClock();
  const registry = new BreakerRegistry({ clock });
  const fn = jest.fn(async (tenant: string, _order?: number) => tenant);
  const call = withPolicies(fn, { name: 'orders.list', registry, rateLimit: { limit: 1, key: (tenant: string) => tenant, ...given } });
  /** Whether a call of this tenant is let through. */
  const passes = (tenant: string): Promise<boolean> => call(tenant).then(
    () => true,
    (error: unknown) => {
      if (error instanceof RateLimitedError) return false;
      throw error;
    },
  );
  return { clock, registry, fn, call, passes };
}

describe('a limit for each key', () => {
  it('keeps keys apart', async () => {
    const { passes } = setUp();
    expect([await passes('a'), await passes('b'), await passes('a'), await passes('b')]).toEqual([true, true, false, false]);
  });

  it('names the key in the error and in the event', async () => {
    const { call, registry } = setUp();
    const events: RateLimitEvent[] = [];
    registry.on('rateLimit', (event) => {
      events.push(event);
    });
    await call('a');
    expect(await rejectionOf(call('a'))).toMatchObject({ key: 'a', message: 'The rate limit of orders.list[a] is reached; try again in 1 s' });
    expect(events).toMatchObject([{ operation: 'orders.list', key: 'a', retryAfter: 1000 }]);
  });

  it.each(['__proto__', 'constructor', ''])('takes any string for a key: %j', async (key) => {
    const { passes } = setUp();
    expect([await passes(key), await passes(key), await passes('other')]).toEqual([true, false, true]);
  });

  it.each([
    ['throws', () => { throw new Error('no tenant'); }],
    ['gives no string', () => 7 as never],
    ['gives a promise', () => Promise.reject(new Error('late')) as never],
  ])('rejects a call whose key function %s, and does not run it', async (_what, key) => {
    const { call, fn } = setUp({ key });
    expect(await rejectionOf(call('a'))).toBeInstanceOf(ConfigurationError);
    expect(fn).not.toHaveBeenCalled();
  });

  it('calls the key function with the receiver and the arguments', async () => {
    const seen: unknown[] = [];
    const { call } = setUp({
      key(this: unknown, ...args: unknown[]) {
        seen.push(this, ...args);
        return 'a';
      },
    });
    const self = { call };
    await self.call('tenant', 7);
    expect(seen).toEqual([self, 'tenant', 7]);
  });

  it('drops, for room, only a limit that is as good as new: full, and with nobody waiting', async () => {
    const { clock, passes } = setUp({ maxKeys: 2 });
    expect([await passes('a'), await passes('b')]).toEqual([true, true]);
    // Neither is full: they stay, and what comes meanwhile shares one limit.
    expect([await passes('c'), await passes('d')]).toEqual([true, false]);
    expect([await passes('a'), await passes('b')]).toEqual([false, false]);

    await clock.advance(1000);

    expect([await passes('e'), await passes('e')]).toEqual([true, false]);
    expect([await passes('b'), await passes('b')]).toEqual([true, false]);
  });

  it('does not drop one that somebody waits for', async () => {
    const { clock, call, fn } = setUp({ maxKeys: 1, maxWait: '10s', burst: 1 });
    await call('a');
    const waiting = call('a');
    await call('b');
    const behind = call('a');
    await clock.until(waiting);
    expect(clock.now()).toBe(1000);
    await clock.until(behind);
    expect(clock.now()).toBe(2000);
    expect(fn.mock.calls).toEqual([['a'], ['b'], ['a'], ['a']]);
    expect(clock.armed).toBe(0);
  });

  it('does not drop one that somebody waits for, though its bucket is full, as the timer is late', async () => {
    const { clock, call, fn } = setUp({ maxKeys: 1, maxWait: '10s', burst: 1 });
    await call('a');
    const waiting = call('a');
    const now = jest.spyOn(clock, 'now').mockReturnValue(1000); // the event loop was blocked

    await call('b');
    const behind = call('a');
    await waiting;

    expect(fn.mock.calls).toEqual([['a'], ['b'], ['a']]);
    now.mockRestore();
    await clock.until(behind);
    expect(fn).toHaveBeenCalledTimes(4);
    expect(clock.armed).toBe(0);
  });
});
