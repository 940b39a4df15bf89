import { getEventListeners } from 'node:events';
import { currentCall } from '../../lib';
import { Outage, settled, Testbed } from './testbed';

describe('Aborts', () => {
  it('rejects with the reason of an aborted signal, and does not run the function', async () => {
    const { breaker } = new Testbed();
    const reason = new Error('the user left');
    const fn = jest.fn();

    await expect(breaker.execute(fn, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);

    expect(fn).not.toHaveBeenCalled();
    expect(breaker.stats).toMatchObject({ calls: 0, rejected: 0 });
  });

  it('does not take a probe slot for a call that was aborted before', async () => {
    const testbed = new Testbed().halfOpen();

    await testbed.breaker.execute(jest.fn(), { signal: AbortSignal.abort() }).catch(() => undefined);

    expect(testbed.breaker.tryAcquire()).toBeDefined();
  });

  it('never interrupts a running function: its value reaches the caller and counts', async () => {
    const { breaker } = new Testbed();
    const controller = new AbortController();
    let finish!: (value: string) => void;
    const work = new Promise<string>((resolve) => {
      finish = resolve;
    });
    const call = breaker.execute(() => work, { signal: controller.signal });

    controller.abort();
    await settled();
    expect(breaker.stats.calls).toBe(0);
    finish('answer');

    await expect(call).resolves.toBe('answer');
    expect(breaker.stats).toMatchObject({ successes: 1, ignored: 0 });
  });

  it.each([
    ['an error of its own', new Outage('connection closed')],
    ['a TypeError, as fetch does', new TypeError('fetch failed')],
    ['nothing', undefined],
  ])('gives the caller the reason of its abort when the function then fails with %s', async (_what, error) => {
    const { breaker } = new Testbed({ handle: Error });
    const controller = new AbortController();
    const reason = new Error('the user left');

    const call = breaker.execute(async () => {
      controller.abort(reason);
      throw error;
    }, { signal: controller.signal });

    await expect(call).rejects.toBe(reason);
    expect(breaker.stats).toMatchObject({ ignored: 1, failures: 0 });
  });

  it('is ignored whatever the reason is, and whatever ignore and handle say', async () => {
    const { breaker } = new Testbed({ failureThreshold: 1, ignore: RangeError, handle: () => true });
    const controller = new AbortController();

    await breaker.execute(async () => {
      controller.abort(new DOMException('slow', 'TimeoutError'));
      throw new Outage('down');
    }, { signal: controller.signal }).catch(() => undefined);

    expect(breaker.state).toBe('closed');
  });

  it('counts a failure while the signal is not aborted', async () => {
    const { breaker } = new Testbed();
    const error = new Outage('down');

    await expect(breaker.execute(() => Promise.reject(error), { signal: new AbortController().signal })).rejects.toBe(error);

    expect(breaker.stats.failures).toBe(1);
  });

  it("leaves no listener on the caller's signal", async () => {
    const { breaker } = new Testbed();
    const { signal } = new AbortController();

    await breaker.execute(async () => 'answer', { signal });
    await breaker.execute(() => Promise.reject(new Outage('down')), { signal }).catch(() => undefined);

    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('hands the signal to the function, through currentCall', async () => {
    const { breaker } = new Testbed({ name: 'users.fetch' });
    const { signal } = new AbortController();

    const call = await breaker.execute(async () => {
      const { operation, attempt, signal: given } = currentCall()!;
      return { operation, attempt, given };
    }, { signal });

    expect(call).toEqual({ operation: 'users.fetch', attempt: 1, given: signal });
    expect(call.given).toBe(signal);
    expect(currentCall()).toBeUndefined();
  });

  it.each(['its own', "that of the call around it"])('ends by either signal where there are two: %s', async (which) => {
    const { breaker } = new Testbed({ name: 'inner' });
    const [own, around] = [new AbortController(), new AbortController()];
    const reason = new Error('the user left');
    const outer = new Testbed({ name: 'outer' }).breaker;
    let seen: AbortSignal | undefined;

    const call = outer.execute(
      () =>
        breaker.execute(async () => {
          seen = currentCall()!.signal;
          (which === 'its own' ? own : around).abort(reason);
          throw new Outage('connection closed');
        }, { signal: own.signal }),
      { signal: around.signal },
    );

    await expect(call).rejects.toBe(reason);
    expect(seen!.reason).toBe(reason);
    expect(breaker.stats).toMatchObject({ ignored: 1, failures: 0 });
    expect([own, around].flatMap(({ signal }) => getEventListeners(signal, 'abort'))).toEqual([]);
  });

  it('leaves no listener on either signal where there are two and none is aborted', async () => {
    const [own, around] = [new AbortController(), new AbortController()];
    const [outer, inner] = [new Testbed({ name: 'outer' }).breaker, new Testbed({ name: 'inner' }).breaker];

    await outer.execute(() => inner.execute(async () => 'answer', { signal: own.signal }), { signal: around.signal });

    expect([own, around].flatMap(({ signal }) => getEventListeners(signal, 'abort'))).toEqual([]);
  });

  it('is inherited by a call made inside: the abort of the outer caller is ignored by the inner breaker, too', async () => {
    const outer = new Testbed({ name: 'outer' }).breaker;
    const inner = new Testbed({ name: 'inner' }).breaker;
    const controller = new AbortController();
    const reason = new Error('the user left');

    const call = outer.execute(
      () =>
        inner.execute(async () => {
          controller.abort(reason);
          throw new Outage('connection closed');
        }),
      { signal: controller.signal },
    );

    await expect(call).rejects.toBe(reason);
    expect([outer.stats.ignored, inner.stats.ignored]).toEqual([1, 1]);
    expect([outer.stats.failures, inner.stats.failures]).toEqual([0, 0]);
  });
});
