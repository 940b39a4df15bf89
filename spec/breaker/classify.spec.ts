import type { Outcome, Settled } from '../../lib';
import { Outage, Testbed } from './testbed';

describe('classify', () => {
  it.each<[Outcome, object]>([
    ['success', { successes: 2 }],
    ['failure', { failures: 2 }],
    ['ignored', { ignored: 2 }],
  ])('counts a value and an error as the %s it says', async (outcome, counts) => {
    const { breaker } = new Testbed({ classify: () => outcome });
    const error = new Outage('down');

    await expect(breaker.execute(async () => 'answer')).resolves.toBe('answer');
    await expect(breaker.execute(() => Promise.reject(error))).rejects.toBe(error);

    expect(breaker.stats).toMatchObject({ calls: 2, ...counts });
  });

  it('is told what came out, how long it took, whose call it was', async () => {
    const told: Settled[] = [];
    const testbed = new Testbed({ name: 'users.fetch', classify: (outcome) => (told.push(outcome), 'success') });
    const { signal } = new AbortController();
    const error = new Outage('down');

    await testbed.breaker.execute(async () => {
      testbed.clock.advance(40);
      return 'answer';
    }, { signal });
    await testbed.breaker.execute(() => Promise.reject(error)).catch(() => undefined);

    expect(told).toEqual([
      { ok: true, value: 'answer', duration: 40, signal, operation: 'users.fetch' },
      { ok: false, error, duration: 0, signal: undefined, operation: 'users.fetch' },
    ]);
    expect(told[0]!.signal).toBe(signal);
  });

  it('replaces handle, ignore and handleResult', () => {
    const never = jest.fn(() => true);
    const testbed = new Testbed({ classify: () => 'failure', handle: never, ignore: never, handleResult: never });

    testbed.succeed();
    testbed.fail();

    expect(never).not.toHaveBeenCalled();
    expect(testbed.breaker.stats.failures).toBe(2);
  });

  it('has the word over cancellations too', () => {
    const testbed = new Testbed({ classify: ({ ok }) => (ok ? 'success' : 'failure') });

    testbed.cancel();

    expect(testbed.breaker.stats).toMatchObject({ failures: 1, ignored: 0 });
  });

  it("has the word over the caller's abort too; the caller gets its reason all the same", async () => {
    const { breaker } = new Testbed({ classify: ({ ok }) => (ok ? 'success' : 'failure') });
    const controller = new AbortController();
    const reason = new Error('the user left');

    const call = breaker.execute(async () => {
      controller.abort(reason);
      throw new Outage('connection closed');
    }, { signal: controller.signal });

    await expect(call).rejects.toBe(reason);
    expect(breaker.stats).toMatchObject({ failures: 1, ignored: 0 });
  });

  it('can take a slow answer for a failure', async () => {
    const testbed = new Testbed({ failureThreshold: 1, classify: ({ duration }) => (duration > 100 ? 'failure' : 'success') });

    testbed.breaker.executeSync(() => testbed.clock.advance(100));
    expect(testbed.breaker.state).toBe('closed');
    testbed.breaker.executeSync(() => testbed.clock.advance(101));

    expect(testbed.breaker.state).toBe('open');
  });

  it('decides over probes', () => {
    const testbed = new Testbed({ classify: (outcome) => (outcome.ok && outcome.value === 'answer' ? 'success' : 'failure') });

    testbed.halfOpen().succeed();

    expect(testbed.breaker.state).toBe('closed');
  });

  it('is not asked about permits taken by hand, whose holder has decided', () => {
    const classify = jest.fn(() => 'ignored' as const);
    const { breaker } = new Testbed({ classify });

    breaker.acquire().success();
    breaker.acquire().failure();

    expect(classify).not.toHaveBeenCalled();
    expect(breaker.stats).toMatchObject({ successes: 1, failures: 1 });
  });
});
