import { RateLimitedError, withPolicies, withRetry } from '../../lib';
import { rejectionOf } from '../composition/support/flaky';
import { noteTimers } from '../support/platform-timers';
import { reactions } from '../support/timer-clock';
import { Testbed } from './testbed';

/** Calls with these arguments, whose rejections somebody handles. */
function calls(testbed: Testbed, ...args: unknown[]): Promise<PromiseSettledResult<unknown>[]> {
  return Promise.allSettled(args.map((arg) => testbed.call(arg)));
}

describe('waiting for a turn', () => {
  it('runs callers in the order they came, each when its token is there', async () => {
    const testbed = new Testbed({ limit: 10, burst: 2, maxWait: '1s' });
    const results = calls(testbed, 'a', 'b', 'c', 'd', 'e');

    await testbed.clock.until(results);

    expect(testbed.order).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(testbed.times).toEqual([0, 0, 100, 200, 300]);
    expect(testbed.events).toEqual([]);
  });

  it('rejects at once a caller whose turn would come after maxWait, and lets one wait whose turn comes just then', async () => {
    const testbed = new Testbed({ limit: 10, burst: 1, maxWait: 200 });

    const results = calls(testbed, 'now', 'in 100', 'in 200', 'too late');
    await reactions();
    expect(testbed.events).toMatchObject([{ retryAfter: 300 }]);

    expect((await testbed.clock.until(results)).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected']);
    expect(testbed.times).toEqual([0, 100, 200]);
  });

  it('lets nobody wait by default', async () => {
    const testbed = new Testbed({ limit: 1 });
    await testbed.call();
    await rejectionOf(testbed.call());
    expect(testbed.clock.delays).toEqual([]);
  });

  it('lets all wait, however long it takes, with Infinity', async () => {
    const testbed = new Testbed({ limit: 1, interval: '1d', maxWait: Infinity });
    await testbed.clock.until(calls(testbed, ...Array.from({ length: 60 }, (_, n) => n)));
    expect(testbed.times.at(-1)).toBe(59 * 86_400_000);
    expect(testbed.clock.armed).toBe(0);
  });

  it('has a timer for each who waits, and none when nobody does', async () => {
    const testbed = new Testbed({ limit: 10, burst: 1, maxWait: '10s' });
    const results = calls(testbed, 1, 2, 3, 4, 5);
    await reactions();
    expect(testbed.clock.armed).toBe(4);
    await testbed.clock.advance(250);
    expect(testbed.clock.armed).toBe(2);

    await testbed.clock.until(results);

    expect(testbed.clock.armed).toBe(0);
    expect(testbed.clock.delays).toEqual([100, 200, 300, 400]);
  });

  it('is not overtaken by a caller who comes when the token is there, but the timer is late', async () => {
    const testbed = new Testbed({ limit: 10, burst: 1, maxWait: '1s' });
    const now = jest.spyOn(testbed.clock, 'now');
    const early = calls(testbed, 'first', 'second', 'third');
    await reactions();

    now.mockReturnValue(105); // the event loop was blocked
    const late = calls(testbed, 'newcomer');
    await reactions();

    expect(testbed.order).toEqual(['first', 'second']);
    now.mockRestore();
    await testbed.clock.until(Promise.all([early, late]));
    expect(testbed.order).toEqual(['first', 'second', 'third', 'newcomer']);
    expect(testbed.clock.armed).toBe(0);
  });

  it('serves all whose tokens came in the meantime when the timer is late, but no more than the burst', async () => {
    const testbed = new Testbed({ limit: 10, burst: 3, maxWait: '10s' });
    await testbed.flood(3);
    const results = calls(testbed, 1, 2, 3, 4, 5);
    await reactions();
    const now = jest.spyOn(testbed.clock, 'now').mockReturnValue(5000);
    await testbed.clock.advance(100);

    expect(testbed.runs).toHaveLength(3 + 3);
    now.mockRestore();
    jest.spyOn(testbed.clock, 'now').mockImplementation(() => 6000);
    await testbed.clock.until(results);
    expect(testbed.runs).toHaveLength(3 + 5);
  });

  it('goes on waiting when the timer fires too early, as those of the platform do', async () => {
    const testbed = new Testbed({ limit: 3, burst: 1, maxWait: '10s' });
    const arm = testbed.clock.setTimeout.bind(testbed.clock);
    // Whole milliseconds, rounded down.
    jest.spyOn(testbed.clock, 'setTimeout').mockImplementation((fire, delayMs) => arm(fire, Math.max(1, Math.floor(delayMs))));

    await testbed.clock.until(calls(testbed, 1, 2));

    expect(testbed.times).toEqual([0, 334]);
  });

  it.each([0, 1e6 + 0.1, 1e12 + 0.3])('ends although the clock, at %d ms, rounds what is left to wait away', async (origin) => {
    const testbed = new Testbed({ limit: 7, interval: 100, burst: 1, maxWait: '1m' });
    await testbed.clock.advance(origin);
    await testbed.clock.until(calls(testbed, ...Array.from({ length: 30 }, (_, n) => n)));
    expect(testbed.runs).toHaveLength(30);
    expect(testbed.clock.delays.length).toBeLessThanOrEqual(3 * 30);
  });

  describe('under a deadline of the call around it', () => {
    it('rejects at once when the turn comes after it', async () => {
      const testbed = new Testbed({ limit: 10, burst: 1, maxWait: '10s' });
      await testbed.call();

      expect(await rejectionOf(testbed.within({ deadline: 99 }))).toBeInstanceOf(RateLimitedError);

      expect(testbed.clock.delays).toEqual([]);
      expect(testbed.events).toMatchObject([{ retryAfter: 100 }]);
    });

    it.each([100, 101])('waits when the turn comes by then: %d ms', async (deadline) => {
      const testbed = new Testbed({ limit: 10, burst: 1, maxWait: '10s' });
      await testbed.call();
      await testbed.clock.until(testbed.within({ deadline }));
      expect(testbed.times).toEqual([0, 100]);
    });

    it('leaves its turn to those behind: what it would not use is not taken', async () => {
      const testbed = new Testbed({ limit: 10, burst: 1, maxWait: '10s' });
      await testbed.call('a');
      await rejectionOf(testbed.within({ deadline: 50 }));
      await testbed.clock.until(testbed.call('b'));
      expect(testbed.times).toEqual([0, 100]);
    });
  });

  it('rule 24: its timer is ref’d, so that a process does not end while a caller awaits its turn', async () => {
    const timers = noteTimers();
    const limited = withPolicies(async () => undefined, { rateLimit: { limit: 1, interval: 50, maxWait: 1000 } });
    await Promise.all([limited(), limited()]);
    timers.stop();

    expect(new Set(timers.areRefd())).toEqual(new Set([true]));
  });

  it('waits once for each attempt of a retry outside', async () => {
    const testbed = new Testbed({ limit: 10, burst: 1, maxWait: '1s' });
    const error = new Error('down');
    const retried = withRetry(
      async () => {
        await testbed.call();
        throw error;
      },
      { clock: testbed.clock, baseDelay: 10, jitter: false },
    );
    expect(await rejectionOf(testbed.clock.until(retried()))).toBe(error);
    expect(testbed.times).toEqual([0, 100, 200]);
  });
});
