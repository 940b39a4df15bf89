import { setImmediate as macrotask } from 'node:timers/promises';
import '../../lib/testing/jest';
import { Breaker, BreakerRegistry, cacheOf, registry, withBreaker, withPolicies, withRetry } from '../../lib';
import { clearOverride, configure, disable, forceOpen, shadow } from '../../lib/operate';
import { CircuitBreakerStrategy } from '../../lib/recovery';
import { testKit } from '../../lib/testing';

// Tests of this file depend on what those before them left: that is what is tested. They come in pairs.

const kit = testKit();
const down = async (): Promise<string> => {
  throw new Error('down');
};
const own = new BreakerRegistry();
const alone = new Breaker({ name: 'f.alone', failureThreshold: 1 });
const pay = withBreaker(down, { name: 'f.pay', failureThreshold: 2 });
const elsewhere = withBreaker(down, { name: 'f.elsewhere', failureThreshold: 1, registry: own });
const keyed = withBreaker(down, { name: 'f.keyed', failureThreshold: 1, key: () => 'a' });
const kept = withPolicies(async () => 'kept', { name: 'f.kept', cache: '1h', rateLimit: { limit: 1, interval: '1h' }, retry: { budget: { group: 'f.budget', ratio: 0, minPerSecond: 1 } } });
const slow = withRetry(down, { name: 'f.slow', maxAttempts: 2, baseDelay: 5, jitter: false });
const quietly = (call: Promise<unknown>) => call.catch(() => undefined);
let left: { settle?: () => void; breaker?: Breaker } = {};

beforeAll(() => {
  configure(registry, 'f.pay', { recoveryTimeout: '7s' });
  disable(registry, 'f.disabled');
  kit.fault('f.kept', { result: 'of all tests' });
});

describe('state and statistics', () => {
  it('are left by a test: open circuits, results, spent limits', async () => {
    await Promise.all([pay, pay, elsewhere, keyed].map((call) => quietly(call())));
    await quietly(alone.execute(down));
    await kept();
    expect([pay.breaker, elsewhere.breaker, keyed.breakers.get('a'), alone].map((breaker) => breaker?.state)).toEqual(Array(4).fill('open'));
    expect(cacheOf(kept).size).toBe(1);
    left = { breaker: pay.breaker };
  });

  it('are fresh in the next: in every registry, and in none; registrations stay', async () => {
    expect([pay.breaker, elsewhere.breaker, alone].map((breaker) => [breaker?.state, breaker?.stats.calls])).toEqual(Array(3).fill(['closed', 0]));
    expect(keyed.breakers.size).toBe(0);
    expect(pay).toHaveTransitioned([]);
    expect(pay).toHaveAttempted(0);
    expect(pay.breaker).toBe(left.breaker);
    expect(registry.names()).toEqual(expect.arrayContaining(['f.pay', 'f.kept']));
    expect(cacheOf(kept).size).toBe(0);
    await expect(kept()).resolves.toBe('of all tests'); // its rate limit would not let a second call pass
  });
});

describe('registries of one\'s own that are used in runs alone', () => {
  const inRuns = new BreakerRegistry();
  const limited = withPolicies(async () => 'kept', { name: 'f.limited', cache: '1h', rateLimit: { limit: 1, interval: '1h' }, registry: inRuns });
  const strategy = new CircuitBreakerStrategy({ failureThreshold: 1 });
  let madeInRun: BreakerRegistry | undefined;

  it('are left by a test: results, spent limits, open circuits', async () => {
    await kit.run(async () => {
      await limited();
      await quietly(strategy.breakerOf('f.recovered').execute(down));
      expect(strategy.state).toBe('open');
      madeInRun = new BreakerRegistry();
      // Longer than this process is old: outside of the run it is real time that counts.
      withBreaker(down, { name: 'f.in run', recoveryTimeout: '1h', registry: madeInRun });
      madeInRun.trip('f.in run');
    });
  });

  it('are fresh in the next, but for those that a run made itself, which may be a concurrent one', async () => {
    await kit.run(async () => {
      expect(strategy.state).toBe('closed');
      await limited();
      expect(limited).toHaveAttempted(1);
    });
    expect(madeInRun?.get('f.in run')?.state).toBe('open');
  });
});

describe('a call that is left over', () => {
  it('is left by a test: one that runs, one that waits', async () => {
    const running = withBreaker(() => new Promise<void>((_resolve, reject) => { left = { settle: () => reject(new Error('late')) }; }), { name: 'f.running', failureThreshold: 1 });
    void quietly(running());
    left.breaker = running.breaker!;
    void quietly(slow());
    await kit.run(() => macrotask());
    expect(kit.sleeps('f.slow')).toEqual([5]);
  });

  it('changes nothing in the next', async () => {
    left.settle?.();
    kit.fault('f.slow', { sequence: ['fail'] });
    await new Promise((resolve) => { setTimeout(resolve, 20); });
    expect(left.breaker).toBeClosed();
    expect(left.breaker).toHaveTransitioned([]);
    expect(left.breaker?.stats).toMatchObject({ failures: 0, late: 1 });
    expect(slow).toHaveAttempted(0);
    expect(kit.sleeps('f.slow')).toEqual([]);
    kit.assertIdle();
    // The sequence is not used up.
    await expect(slow()).rejects.toThrow('down');
  });
});

describe('what is said in a test', () => {
  it('holds in it', async () => {
    configure(registry, 'f.pay', { failureThreshold: 1 });
    forceOpen(registry, 'f.pay');
    shadow(registry, 'f.to come');
    clearOverride(registry, 'f.disabled');
    configure(alone, { failureThreshold: 9 });
    disable(alone);
    kit.fault('f.pay', { result: 'canned' });
    kit.fault('f.kept');
    kit.instantRetries();
    kit.disable();
    await expect(pay()).resolves.toBe('canned');
  });

  it('is gone in the next; what was said before all of them holds', async () => {
    expect(pay.breaker?.override).toBeUndefined();
    await quietly(pay());
    expect(pay).toBeClosed();
    await quietly(pay());
    expect(pay.breaker?.retryAfter).toBeGreaterThan(6000);
    expect(pay.breaker?.retryAfter).toBeLessThanOrEqual(7000);
    expect(alone.override).toBeUndefined();
    await quietly(alone.execute(down));
    expect(alone).toBeOpen();
    await expect(kept()).resolves.toBe('of all tests');
    expect(withBreaker(down, { name: 'f.to come' }).breaker?.override).toBeUndefined();
    expect(withBreaker(down, { name: 'f.disabled' }).breaker?.override).toBe('disabled');
  });
});

describe('what was said before all tests of an operation that registers in one of them', () => {
  let late: (() => Promise<string>) & { readonly breaker: Breaker | undefined };
  beforeAll(() => {
    forceOpen(registry, 'f.late');
    configure(registry, 'f.late', { recoveryTimeout: '9s' });
  });

  it('holds in that', () => {
    late = withBreaker(down, { name: 'f.late' });
    expect(late.breaker?.override).toBe('forced_open');
  });

  it('holds in the next', () => {
    expect(late.breaker?.override).toBe('forced_open');
  });

  it('holds in the one after, though it was taken back between', () => {
    clearOverride(registry, 'f.late');
    expect(late.breaker?.override).toBeUndefined();
  });

  it('holds after that', () => {
    expect(late.breaker?.override).toBe('forced_open');
  });
});

it('cannot be asked for in a run, for other tests may go on beside it', async () => {
  await quietly(alone.execute(down));
  await kit.run(() => {
    expect(() => kit.reset()).toThrow('kit.reset: must be called outside of kit.run');
  });
  expect(alone).toBeOpen();
});

it('can be asked for where no set-up does it', async () => {
  await quietly(pay());
  configure(registry, 'f.pay', { failureThreshold: 1 });
  kit.reset();
  await quietly(pay());
  expect(pay).toBeClosed();
  expect(pay.breaker?.stats.failures).toBe(1);
});
