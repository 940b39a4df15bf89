import { BreakerRegistry, bulkhead, currentCall, timeout, withPolicies } from '../../../lib';
import { FINDING_CODES as allow } from '../../../lib/core/finding-codes';
import { pending, rejectionOf } from '../../composition/support/flaky';
import { reactions, TimerClock } from '../../support/timer-clock';

/** By the system's clock, where calls that nobody looks at share what they can. */
const timed = <A extends unknown[], R>(fn: (...args: A) => Promise<R>, duration = 60_000) =>
  withPolicies(fn, { registry: new BreakerRegistry(), timeout: duration } as never) as unknown as ((...args: A) => Promise<R>) & { breaker: { stats: object } };

describe('calls that nobody looks at, under a timeout', () => {
  it('count at their breaker, each once', async () => {
    const down = new Error('down');
    const call = timed(async (n: number) => {
      if (n % 3 === 0) throw down;
      return n;
    });
    const ends = await Promise.allSettled(Array.from({ length: 12 }, (_, n) => call(n)));
    expect(ends.map((end) => (end.status === 'fulfilled' ? end.value : (end.reason as unknown)))).toEqual(
      Array.from({ length: 12 }, (_, n) => (n % 3 === 0 ? down : n)),
    );
    expect(call.breaker.stats).toMatchObject({ calls: 12, successes: 8, failures: 4 });
  });

  it('that fail at once by a throw count as well', async () => {
    const down = new Error('down');
    const call = timed((): Promise<never> => {
      throw down;
    });
    expect(await rejectionOf(call())).toBe(down);
    expect(call.breaker.stats).toMatchObject({ calls: 1, failures: 1 });
  });

  it('that are late count once, as the failure they were told of', async () => {
    const fn = pending();
    const call = timed(fn, 10);
    const first = rejectionOf(call());
    const second = rejectionOf(call());
    expect([await first, await second]).toMatchObject([{ code: 'BREAKER_TIMEOUT' }, { code: 'BREAKER_TIMEOUT' }]);
    fn.calls[0]!.resolve('late');
    fn.calls[1]!.reject(new Error('late'));
    await reactions();
    expect(call.breaker.stats).toMatchObject({ calls: 2, failures: 2, successes: 0 });
  });

  it('that settle at once leave those in peace that wait', async () => {
    const fn = pending();
    let waits = true;
    const call = timed(() => (waits ? fn() : Promise.resolve('it')), 30);
    const waiting = [rejectionOf(call()), rejectionOf(call())];
    await reactions();
    waits = false;
    for (let n = 0; n < 3; n++) expect(await call()).toBe('it');
    expect(await Promise.all(waiting)).toMatchObject([{ code: 'BREAKER_TIMEOUT', timeout: 30 }, { code: 'BREAKER_TIMEOUT', timeout: 30 }]);
  });

  it('work on after one that was looked at, and after its time is up', async () => {
    const signals: AbortSignal[] = [];
    const never = pending();
    const call = timed(async (what: 'looks' | 'hangs' | 'works') => {
      if (what === 'looks') signals.push(currentCall()!.signal!);
      return what === 'hangs' ? never() : what;
    }, 10);
    expect(await call('works')).toBe('works');
    expect(await call('looks')).toBe('looks');
    expect(await rejectionOf(call('hangs'))).toMatchObject({ code: 'BREAKER_TIMEOUT' });
    expect(await Promise.all([call('works'), call('looks'), call('works')])).toEqual(['works', 'looks', 'works']);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
  });
});

describe('a timeout around a queue', () => {
  it('ends a call that waits in it, which leaves at once', async () => {
    const clock = new TimerClock();
    const fn = pending();
    const call = withPolicies(fn, [
      timeout({ duration: 100, clock, allow }),
      bulkhead({ maxConcurrent: 1, maxQueue: 1, clock, allow }),
    ]);
    const running = rejectionOf(call());
    const waiting = rejectionOf(call());
    await clock.advance(100);
    expect(await Promise.all([running, waiting])).toMatchObject([{ code: 'BREAKER_TIMEOUT' }, { code: 'BREAKER_TIMEOUT' }]);
    expect(fn).toHaveBeenCalledTimes(1);
    expect(clock.armed).toBe(0);
  });
});
