import { BreakerRegistry, currentCall, OperationTimeoutError, withPolicies } from '../../../lib';
import { pending, rejectionOf } from '../../composition/support/flaky';
import { reactions, TimerClock } from '../../support/timer-clock';

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

describe('a call inside a stream', () => {
  it('that is cut short by the wait it is made in is no failure of its own', async () => {
    const clock = new TimerClock();
    const inner = withPolicies(pending(), { name: 'inner', clock, registry: new BreakerRegistry(), timeout: 500 });
    const errors: unknown[] = [];
    const stream = withPolicies(async function* (): AsyncGenerator<string> {
      await inner().catch((error: unknown) => errors.push(error));
      yield 'item';
    }, { name: 'outer', clock, registry: new BreakerRegistry(), timeout: 100 })();
    const waiting = rejectionOf(stream.next());
    await clock.advance(100);
    expect(await waiting).toMatchObject({ operation: 'outer', timeout: 100, isCutShort: false });
    expect(errors).toEqual([expect.any(OperationTimeoutError)]);
    expect(inner.breaker!.stats).toMatchObject({ ignored: 1, failures: 0 });
  });
});
