import { attemptsOf, BreakerRegistry, withRetry, type Clock, type RetryOptions } from '../../lib';
import { fails, rejectionOf, scripted, works, type Step } from '../composition/support/flaky';
import { TimerClock } from '../support/timer-clock';

/** An operation whose attempts take `attemptMs` each. */
function setUp(attemptMs: number, options: RetryOptions, ...steps: Step[]) {
  const clock = new TimerClock();
  const step = scripted(...steps);
  const starts: number[] = [];
  const fetchUser = withRetry(
    async () => {
      starts.push(clock.now());
      await new Promise<void>((resolve) => {
        if (attemptMs === 0) resolve();
        else clock.setTimeout(resolve, attemptMs);
      });
      return step();
    },
    { clock, jitter: false, backoff: 'fixed', maxAttempts: 100, registry: new BreakerRegistry(), ...options },
  );
  return { clock, fetchUser, starts };
}

describe('rule 22: maxElapsed', () => {
  it('lets a wait begin that ends with it, and none that would pass it', async () => {
    const { clock, fetchUser, starts } = setUp(0, { baseDelay: 100, maxElapsed: 300 }, fails());
    await rejectionOf(clock.until(fetchUser()));
    expect(starts).toEqual([0, 100, 200, 300]);

    const shorter = setUp(0, { baseDelay: 100, maxElapsed: 299 }, fails());
    await rejectionOf(shorter.clock.until(shorter.fetchUser()));
    expect(shorter.starts).toEqual([0, 100, 200]);
    expect(shorter.clock.now()).toBe(200);
  });

  it('counts the time of attempts', async () => {
    const { clock, fetchUser, starts } = setUp(80, { baseDelay: 100, maxElapsed: 300 }, fails());
    await rejectionOf(clock.until(fetchUser()));
    expect(starts).toEqual([0, 180]);
  });

  it('does not interrupt a running attempt', async () => {
    const { clock, fetchUser } = setUp(5000, { maxElapsed: 300 }, works('late'));
    expect(await clock.until(fetchUser())).toBe('late');
    expect(clock.now()).toBe(5000);
  });

  it('is for each call by itself', async () => {
    const { clock, fetchUser, starts } = setUp(0, { baseDelay: 100, maxElapsed: 100 }, fails());
    await rejectionOf(clock.until(fetchUser()));
    await clock.advance(10_000);
    await rejectionOf(clock.until(fetchUser()));
    expect(starts).toEqual([0, 100, 10_100, 10_200]);
  });

  it('throws the original error', async () => {
    const last = new Error('second');
    const { clock, fetchUser } = setUp(0, { baseDelay: 100, maxElapsed: 150 }, fails(), fails(last), works());
    expect(await rejectionOf(clock.until(fetchUser()))).toBe(last);
    expect(attemptsOf(last)).toBe(2);
  });

  it('starts no attempt when it has passed by the end of a wait, because the event loop was blocked', async () => {
    const timers = new TimerClock();
    let blockedMs = 0;
    const clock: Clock = {
      now: () => timers.now() + blockedMs,
      setTimeout: (fn, ms) => timers.setTimeout(fn, ms),
      clearTimeout: (handle) => {
        timers.clearTimeout(handle);
      },
    };
    const error = new Error('first');
    const fn = scripted(fails(error), works());
    const options: RetryOptions = { clock, jitter: false, baseDelay: 50, maxElapsed: 80, registry: new BreakerRegistry() };
    const call = withRetry(fn, options)();
    await timers.advance(10);
    blockedMs = 300;

    expect(await rejectionOf(timers.until(call))).toBe(error);
    expect(fn).toHaveBeenCalledTimes(1);
    expect(attemptsOf(error)).toBe(1);
  });

  it('Infinity is no deadline', async () => {
    const { clock, fetchUser } = setUp(0, { maxElapsed: Infinity, baseDelay: '1h', maxDelay: '2h', maxAttempts: 5 }, fails());
    await rejectionOf(clock.until(fetchUser()));
    expect(clock.now()).toBe(4 * 3_600_000);
  });
});
