import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { BreakerRegistry, currentCall, withBreaker, withPolicies, withRetry, type RetryOptions } from '../../lib';
import { fails, pending, rejectionOf, scripted, works } from '../composition/support/flaky';
import { noteTimers } from '../support/platform-timers';
import { reactions, TimerClock } from '../support/timer-clock';
import { runs } from '../support/runs';

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

function setUp(given: RetryOptions = {}) {
  const clock = new TimerClock();
  const controller = new AbortController();
  const reason = new Error('the user left');
  const registry = new BreakerRegistry({ clock });
  const options = { registry, clock, signal: controller.signal, jitter: false, baseDelay: 1000, ...given };
  return { clock, controller, reason, options, signal: controller.signal };
}

describe('rule 20: abort', () => {
  it('already there when the call is made: rejects with its reason and makes no call', async () => {
    const { controller, reason, options, signal } = setUp();
    controller.abort(reason);
    const fn = scripted(works());

    expect(await rejectionOf(withRetry(fn, options)())).toBe(reason);
    expect(fn).not.toHaveBeenCalled();
    expect(listeners(signal)).toBe(0);
  });

  it('already there leaves no listener on the signal of the call around it', async () => {
    const { controller, reason, options } = setUp();
    controller.abort(reason);
    const around = new AbortController();
    const call = withRetry(scripted(works()), options);
    const outer = withBreaker(async () => undefined, { registry: options.registry }).breaker!;

    expect(await rejectionOf(outer.execute(() => call(), { signal: around.signal }))).toBe(reason);
    expect(listeners(around.signal)).toBe(0);
  });

  it('during a wait: rejects promptly with its reason, leaves no timer and no listener, and makes no further call', async () => {
    const { clock, controller, reason, options, signal } = setUp();
    const fn = scripted(fails());
    const call = withRetry(fn, options)();
    await clock.advance(500);
    expect([clock.armed, listeners(signal)]).toEqual([1, 1]);

    controller.abort(reason);

    expect(await rejectionOf(call)).toBe(reason);
    expect([clock.armed, listeners(signal)]).toEqual([0, 0]);
    await clock.advance(10_000);
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it('during an attempt that then fails: rejects with its reason, and makes no further call', async () => {
    const onRetry = jest.fn();
    const { clock, controller, reason, options, signal } = setUp({ onRetry });
    const fn = pending();
    const call = withRetry(fn, options)();

    controller.abort(reason);
    fn.calls[0]!.reject(new Error('interrupted'));

    expect(await rejectionOf(call)).toBe(reason);
    expect(onRetry).not.toHaveBeenCalled();
    await clock.advance(10_000);
    expect(fn).toHaveBeenCalledTimes(1);
    expect([clock.armed, listeners(signal)]).toEqual([0, 0]);
  });

  it('during an attempt that works all the same: the caller gets the value', async () => {
    const { controller, reason, options, signal } = setUp();
    const fn = pending();
    const call = withRetry(fn, options)();
    controller.abort(reason);
    fn.calls[0]!.resolve('it');
    expect(await call).toBe('it');
    expect(listeners(signal)).toBe(0);
  });

  it('reaches the attempt, whose signal aborts with the same reason', async () => {
    const { controller, reason, options } = setUp();
    let seen: AbortSignal | undefined;
    const fn = pending();
    const call = withRetry(async () => {
      seen = currentCall()!.signal;
      return fn();
    }, options)();
    expect(seen!.aborted).toBe(false);

    controller.abort(reason);

    expect([seen!.aborted, seen!.reason]).toEqual([true, reason]);
    fn.calls[0]!.reject(reason);
    await rejectionOf(call);
  });

  it('is ignored by the breaker', async () => {
    const { controller, reason, options } = setUp();
    const fn = pending();
    const wrapped = withPolicies(fn, { clock: options.clock, retry: options, breaker: { failureThreshold: 1 } });
    const call = wrapped();
    controller.abort(reason);
    fn.calls[0]!.reject(new Error('interrupted'));
    await rejectionOf(call);

    expect(wrapped.breaker!.stats).toMatchObject({ ignored: 1, failures: 0 });
    expect(wrapped.breaker!.state).toBe('closed');
  });

  it('leaves no listener after calls that work, fail or are given up', async () => {
    const { clock, options, signal } = setUp({ baseDelay: 10 });
    await clock.until(withRetry(scripted(works()), options)());
    await clock.until(withRetry(scripted(fails(), works()), options)());
    await rejectionOf(clock.until(withRetry(scripted(fails()), options)()));
    expect([clock.armed, listeners(signal)]).toEqual([0, 0]);
  });

  it.each(['its own', 'that of the call around it'])('15 retries leave no listener on a signal that lives on: %s', async (which) => {
    const { clock, controller, options, signal } = setUp({ maxAttempts: 16, baseDelay: 10, maxDelay: 10 });
    const during: number[] = [];
    const fn = jest.fn(async () => {
      during.push(listeners(signal));
      throw new Error('down');
    });
    const isOwn = which === 'its own';
    const call = withRetry(fn, isOwn ? options : { ...options, signal: undefined });
    const outer = withBreaker(async () => undefined, { registry: options.registry }).breaker!;

    await rejectionOf(clock.until(isOwn ? call() : outer.execute(() => call(), { signal })));

    expect(fn).toHaveBeenCalledTimes(16);
    expect(during).toEqual(Array(16).fill(0));
    expect([clock.armed, listeners(signal), controller.signal.aborted]).toEqual([0, 0, false]);
  });

  it('takes the signal of the call around it', async () => {
    const { clock, controller, reason, signal } = setUp();
    const inner = withRetry(scripted(fails()), { clock, baseDelay: 1000, jitter: false });
    const outer = withBreaker(async () => inner());
    const call = outer.breaker!.execute(() => inner(), { signal });
    await clock.advance(10);
    expect(clock.armed).toBe(1);

    controller.abort(reason);

    expect(await rejectionOf(call)).toBe(reason);
    expect([clock.armed, listeners(signal)]).toEqual([0, 0]);
  });

  it('at any moment leaves no timer, no listener, and no call that begins after it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 0, max: 400 }), fc.boolean(), async (scheduler, abortAt, worksInTheEnd) => {
        const { clock, controller, reason, options, signal } = setUp({ maxAttempts: 4, baseDelay: 50 });
        let startedAfter = 0;
        let attempts = 0;
        const fn = withRetry(async () => {
          if (controller.signal.aborted) startedAfter++;
          const attempt = ++attempts;
          await scheduler.schedule(Promise.resolve(), 'attempt');
          if (!worksInTheEnd || attempt < 3) throw new Error('down');
          return 'it';
        }, options);
        const call = fn().then(
          (value) => ({ value }),
          (error: unknown) => ({ error }),
        );
        const aborting = scheduler.schedule(Promise.resolve(), 'abort').then(() => {
          controller.abort(reason);
        });
        for (let time = 0; time < abortAt; time += 50) {
          if (scheduler.count() > 0) await scheduler.waitOne();
          await clock.advance(50);
        }
        await scheduler.waitAll();
        await aborting;
        for (let rest = 0; rest < 5; rest++) {
          await scheduler.waitAll();
          await clock.advance(1000);
        }

        const end = await call;
        if ('error' in end && end.error !== reason) expect(end.error).toEqual(new Error('down'));
        expect(startedAfter).toBe(0);
        expect([clock.armed, listeners(signal)]).toEqual([0, 0]);
      }),
      { numRuns: runs(200) },
    );
  });
});

describe('rule 24: timers', () => {
  it('are there only while a call waits', async () => {
    const { clock, options } = setUp();
    const call = withRetry(scripted(fails(), works()), options)();
    await reactions();
    expect(clock.armed).toBe(1);
    await clock.until(call);
    expect(clock.armed).toBe(0);
  });

  it('are not armed at all by a call that works at once', async () => {
    const { clock, options } = setUp();
    await withRetry(scripted(works()), options)();
    expect(clock.delays).toEqual([]);
  });

  it('are ref’d, so that a process does not end while a caller awaits a retry', async () => {
    const timers = noteTimers();
    await withRetry(scripted(fails(), works()), { baseDelay: 1, jitter: false })();
    timers.stop();
    expect(timers.areRefd()).toEqual([true]);
  });
});
