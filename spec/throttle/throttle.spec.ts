import { BreakerRegistry, ThrottledError, withPolicies } from '../../lib';
import { pending, rejectionOf } from '../composition/support/flaky';
import { TimerClock } from '../support/timer-clock';
import { refusal, Testbed } from './testbed';

describe('a throttle', () => {
  it('lets every call through while its dependency accepts them', async () => {
    const testbed = new Testbed();
    testbed.chance = 0;
    for (let n = 0; n < 50; n++) expect(await testbed.call()).toBe('it');
    expect(testbed.events).toEqual([]);
  });

  it('holds calls back with the probability that the formula gives, by the random source it is given', async () => {
    const testbed = await new Testbed().see(30, 'accepted');
    await testbed.see(90, 'refused');
    const probability = (120 - 2 * 30) / 121;

    testbed.fn.mockClear();
    testbed.chance = probability - 1e-9;
    expect(await rejectionOf(testbed.call())).toBeInstanceOf(ThrottledError);
    expect(testbed.fn).not.toHaveBeenCalled();
    expect(testbed.events[0]!.probability).toBeCloseTo(probability, 12);

    testbed.chance = (121 - 2 * 30) / 122; // counts as a request itself
    expect(await rejectionOf(testbed.call())).toBe(refusal);
    expect(testbed.fn).toHaveBeenCalledTimes(1);
  });

  it('holds no more back than maxRejection, so that some find out when the dependency is back', async () => {
    const testbed = await new Testbed({ maxRejection: 0.7 }).see(1000, 'refused');
    expect(await testbed.probability()).toBe(0.7);
    testbed.chance = 0.7;
    expect(await rejectionOf(testbed.call())).toBe(refusal);
    testbed.chance = 0.6999;
    expect(await rejectionOf(testbed.call())).toBeInstanceOf(ThrottledError);
  });

  it('holds nothing back with a maxRejection of 0', async () => {
    const testbed = await new Testbed({ maxRejection: 0 }).see(100, 'refused');
    testbed.chance = 0;
    expect(await rejectionOf(testbed.call())).toBe(refusal);
  });

  it('tolerates a share of refusals that k gives: with 2, every other', async () => {
    const testbed = new Testbed({ k: 2 });
    await testbed.see(10, 'accepted');
    await testbed.see(10, 'refused');
    expect(await testbed.probability()).toBe(0);
    await testbed.see(2, 'refused');
    expect(await testbed.probability()).toBeGreaterThan(0);
  });

  it('does not hold calls back for those under way: many at once, to a dependency that works', async () => {
    const testbed = new Testbed();
    testbed.chance = 0;
    const fn = pending();
    testbed.answer = fn;

    const calls = Array.from({ length: 50 }, () => testbed.call());
    expect(fn).toHaveBeenCalledTimes(50);
    fn.calls.forEach(({ resolve }) => {
      resolve('it');
    });

    expect(await Promise.all(calls)).toEqual(calls.map(() => 'it'));
  });

  it('forgets in slices: after a window, all', async () => {
    const testbed = await new Testbed({ window: 1000 }).see(10, 'refused');
    testbed.clock.advance(999);
    expect(await testbed.probability()).toBeGreaterThan(0.8);
    testbed.clock.advance(1);
    // What is left is the request just held back.
    expect(await testbed.probability()).toBe(1 / 2);
    testbed.clock.advance(2000);
    expect(await testbed.probability()).toBe(0);
  });

  it('rule 50: rejects with a stack that leads to the caller where rejectionStacks asks for it', async () => {
    const testbed = await new Testbed({ rejectionStacks: true }).see(100, 'refused');
    testbed.chance = 0;
    expect(((await rejectionOf(testbed.call())) as ThrottledError).stack).toMatch(/throttle\.spec/);
  });

  it('rejects with a fresh error that names the operation, a tenth of the window, and keeps no stack', async () => {
    const testbed = await new Testbed({ window: '1m' }).see(100, 'refused');
    testbed.chance = 0;
    const [one, other] = [await rejectionOf(testbed.call()), (await rejectionOf(testbed.call())) as ThrottledError];

    expect(one).not.toBe(other);
    expect(other).toMatchObject({ name: 'ThrottledError', code: 'BREAKER_THROTTLED', operation: 'search.find', retryAfter: 6000, key: undefined });
    expect(other.message).toBe('search.find is throttled: its dependency refuses too many calls');
    expect(other.stack).toBe(`ThrottledError: ${other.message}`);
  });

  it('by its retryAfter a slice has left: then the chance is better, though nobody has called', async () => {
    const testbed = new Testbed({ window: 1000 });
    for (let slice = 0; slice < 10; slice++) {
      await testbed.see(10, 'refused');
      if (slice < 9) testbed.clock.advance(100);
    }
    await testbed.see(60, 'accepted');
    testbed.chance = 0;
    const error = (await rejectionOf(testbed.call())) as ThrottledError;
    const before = testbed.events[0]!.probability;
    testbed.clock.advance(error.retryAfter);
    expect(await testbed.probability()).toBeLessThan(before);
  });

  it('tells of each call held back in an event', async () => {
    const testbed = await new Testbed().see(1, 'refused');
    testbed.chance = 0;
    await rejectionOf(testbed.call());
    expect(testbed.events).toEqual([{ type: 'throttle', operation: 'search.find', attempt: 1, probability: 1 / 2, at: testbed.clock.wallTime() }]);
  });

  it('counts attempts, for it is inside the retry and the breaker: each one that the retry makes', async () => {
    const clock = new TimerClock();
    const registry = new BreakerRegistry({ clock });
    const probabilities: number[] = [];
    registry.on('throttle', ({ probability, attempt }) => {
      probabilities.push(probability, attempt);
    });
    const chances = [0.9, 0.9, 0.9, 0];
    const wrapped = withPolicies(() => Promise.reject(refusal), {
      registry, throttle: { random: () => chances.shift()! }, retry: { maxAttempts: 3, baseDelay: 10, jitter: false },
    });

    // The first attempt is let through without a throw of the dice: nothing was refused yet.
    expect(await rejectionOf(clock.until(wrapped()))).toBe(refusal);
    expect(await rejectionOf(clock.until(wrapped()))).toBeInstanceOf(ThrottledError);

    // One that is held back is not tried again by default.
    expect(probabilities).toEqual([4 / 5, 2]);
    expect(wrapped.breaker!.stats).toMatchObject({ failures: 4, ignored: 1 });
  });

  it('is ignored by the breaker around it', async () => {
    const { registry } = new Testbed();
    const wrapped = withPolicies(() => Promise.reject(refusal), { registry, breaker: { failureThreshold: 2 }, throttle: { random: () => 0 } });
    expect(await rejectionOf(wrapped())).toBe(refusal);
    expect(await rejectionOf(wrapped())).toBeInstanceOf(ThrottledError);
    expect(await rejectionOf(wrapped())).toBeInstanceOf(ThrottledError);
    expect(wrapped.breaker).toMatchObject({ state: 'closed', stats: { failures: 1, ignored: 2 } });
  });

  it('tells the breaker around it of what it let through', async () => {
    const { registry } = new Testbed();
    const wrapped = withPolicies(async (works: boolean) => (works ? 'it' : Promise.reject(refusal)), { registry, breaker: {}, throttle: {} });
    expect(await wrapped(true)).toBe('it');
    expect(await rejectionOf(wrapped(false))).toBe(refusal);
    expect(wrapped.breaker!.stats).toMatchObject({ calls: 2, successes: 1, failures: 1 });
  });

  it('passes receiver and arguments on', async () => {
    const self = {
      find: withPolicies(async function (this: unknown, ...args: unknown[]) {
        return [this, ...args];
      }, { throttle: {} }),
    };
    expect(await self.find(1, 2)).toEqual([self, 1, 2]);
  });
});
