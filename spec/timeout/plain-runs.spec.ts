import { BreakerRegistry, currentCall, withPolicies } from '../../lib';
import { pending, rejectionOf } from '../composition/support/flaky';
import { reactions } from '../support/timer-clock';

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

describe('calls that share a timer', () => {
  it('leave it to those that wait, however many settle at once meanwhile', async () => {
    const fn = pending();
    let waits = true;
    const call = withPolicies(() => (waits ? fn() : Promise.resolve('it')), { registry: new BreakerRegistry(), timeout: 40 });
    const waiting = [rejectionOf(call()), rejectionOf(call())];
    await reactions();
    waits = false;
    // More than are queued at once after one that had to wait.
    for (let n = 0; n < 100; n++) expect(await call()).toBe('it');
    expect(await Promise.all(waiting)).toMatchObject([{ code: 'BREAKER_TIMEOUT' }, { code: 'BREAKER_TIMEOUT' }]);
  });
});

describe('the attempts of a retry around a timeout', () => {
  it('are told apart, looked at or not', async () => {
    const seen: (number | undefined)[] = [];
    let runs = 0;
    const call = withPolicies(async () => {
      if (++runs % 3 === 1) throw new Error('down'); // without a look
      seen.push(currentCall()?.attempt);
      if (runs % 3 === 2) throw new Error('down');
    }, { registry: new BreakerRegistry(), retry: { baseDelay: 1, jitter: false }, timeout: '1m' });
    await call();
    await call();
    expect(seen).toEqual([2, 3, 2, 3]);
  });
});
