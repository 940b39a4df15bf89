import { BreakerRegistry, withBreaker, withPolicies, withRetry } from '../../lib';
import { clearOverride, configure, disable, forceOpen, restore, shadow, snapshot } from '../../lib/operate';
import { fork, remember, renew } from '../../lib/testing/registry-state';
import { fails, rejectionOf, scripted, works } from '../composition/support/flaky';
import { TimerClock } from '../support/timer-clock';

/** What the kit for tests does between tests, and in runs. */

let clock: TimerClock;
let registry: BreakerRegistry;

beforeEach(() => {
  clock = new TimerClock();
  registry = new BreakerRegistry({ clock, defaults: { failureThreshold: 3 } });
});

const failing = (name: string, options = {}) => withBreaker(scripted(fails()), { name, failureThreshold: 1, registry, ...options });

describe('a registry that begins anew', () => {
  it('has closed circuits without statistics, and its operations and overrides still', async () => {
    const [one, disabled] = [failing('one'), failing('disabled')];
    const { breaker } = one;
    await rejectionOf(one());
    disable(registry, 'disabled');

    renew(registry);

    expect(one.breaker).toBe(breaker);
    expect(breaker).toMatchObject({ state: 'closed', stats: { calls: 0, opens: 0 } });
    expect(disabled.breaker!.override).toBe('disabled');
    expect(registry.names()).toEqual(['one', 'disabled']);
  });

  it('has no breakers of keys and instances', async () => {
    const keyed = failing('keyed', { key: () => 'a' });
    const each = failing('each', { scope: 'instance' });
    const self = {};
    await rejectionOf(keyed());
    await rejectionOf(each.call(self));

    renew(registry);

    expect([registry.keys('keyed'), [...registry]]).toEqual([[], []]);
    expect(await rejectionOf(keyed())).toEqual(new Error('down'));
    expect(await rejectionOf(each.call(self))).toEqual(new Error('down'));
  });

  it('has policies that remember nothing', async () => {
    const fn = scripted(works());
    const cached = withPolicies(fn, { name: 'cached', registry, cache: '1h', rateLimit: { limit: 1, interval: '1h' } });
    await cached('x');
    renew(registry);
    await cached('x');
    expect(fn).toHaveBeenCalledTimes(2);
  });
});

describe('what was said of operations, when it is brought back', () => {
  it('is what was configured before, and not what was since', async () => {
    const one = failing('one');
    configure(registry, 'one', { recoveryTimeout: '7s' });
    const bringBack = remember(registry);
    configure(registry, 'one', { recoveryTimeout: '8s' });
    configure(registry, 'one', { failureThreshold: 5 });
    bringBack();
    await rejectionOf(one());
    expect(one.breaker!.retryAfter).toBe(7000);
  });

  it('is what was laid over operations before, those to come included', () => {
    const [one, other] = [failing('one'), failing('other')];
    disable(registry, 'one');
    disable(registry, 'later');
    const bringBack = remember(registry);
    clearOverride(registry);
    shadow(registry, 'other');
    shadow(registry, 'also later');
    bringBack();
    expect([one, other, failing('later'), failing('also later')].map(({ breaker }) => breaker!.override)).toEqual([
      'disabled', undefined, 'disabled', undefined,
    ]);
  });

  it('holds for an operation that has come since', () => {
    forceOpen(registry, 'late');
    const bringBack = remember(registry);
    const late = failing('late');
    clearOverride(registry, 'late');
    bringBack();
    expect(late.breaker!.override).toBe('forced_open');
    clearOverride(registry, 'late');
    bringBack();
    expect(late.breaker!.override).toBe('forced_open');
  });

  it('says nothing new where nothing has changed', () => {
    const one = failing('one');
    disable(registry, 'one');
    const bringBack = remember(registry);
    const told = jest.fn();
    registry.on('override', told);
    bringBack();
    expect(told).not.toHaveBeenCalled();
    expect(one.breaker!.override).toBe('disabled');
  });

  it('holds back states that were restored since, and keeps those that wait from before', async () => {
    const other = new BreakerRegistry();
    for (const name of ['before', 'since']) withBreaker(scripted(works()), { name, registry: other }).breaker!.trip();
    const [before, since] = snapshot(other).breakers;
    restore(registry, { version: 1, breakers: [before!] });
    const bringBack = remember(registry);
    restore(registry, { version: 1, breakers: [since!] });
    bringBack();
    expect([failing('before'), failing('since')].map(({ breaker }) => breaker!.state)).toEqual(['open', 'closed']);
  });
});

describe('a registry that stands in for another', () => {
  it('has its defaults, and what was configured, and time and chance of its own', async () => {
    configure(registry, 'configured', { failureThreshold: 2 });
    const own = new TimerClock();
    const forked = fork(registry, { clock: own, random: () => 0.5 });
    const calls = async (name: string) => {
      const wrapped = failing(name, { registry: forked, failureThreshold: undefined });
      for (let n = 0; wrapped.breaker!.state === 'closed'; n++) await rejectionOf(wrapped()).then(() => expect(n).toBeLessThan(9));
      return wrapped.breaker!.stats.calls;
    };
    expect([await calls('plain'), await calls('configured')]).toEqual([3, 2]);
    const retried = withRetry(scripted(fails()), { name: 'retried', maxAttempts: 2, baseDelay: 1000, registry: forked });
    await rejectionOf(own.until(retried()));
    expect([own.delays, clock.delays]).toEqual([[500], []]);
    expect(registry.names()).toEqual([]);
  });
});
