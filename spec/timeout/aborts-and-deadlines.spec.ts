import { getEventListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { BreakerRegistry, bulkhead, circuitBreaker, currentCall, OperationTimeoutError, timeout, withBreaker, withPolicies, withRetry, type CurrentCall, type TimeoutOptions } from '../../lib';
import { Call, invoke } from '../../lib/core/call';
import { pending, rejectionOf } from '../composition/support/flaky';
import { reactions, TimerClock } from '../support/timer-clock';
import { runs } from '../support/runs';

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;
const MODES = ['abandon', 'cooperative'] as const;

/** A timeout under a signal of the caller. */
function aborted(mode: TimeoutOptions['mode']) {
  const clock = new TimerClock();
  const controller = new AbortController();
  const reason = new Error('the user left');
  const fn = pending();
  const signals: AbortSignal[] = [];
  const wrapped = withPolicies(
    async () => {
      signals.push(currentCall()!.signal!);
      return fn();
    },
    { clock, registry: new BreakerRegistry(), breaker: {}, retry: { maxAttempts: 1, signal: controller.signal }, timeout: { duration: 100, mode } },
  );
  return { clock, controller, reason, fn, signals, wrapped, stats: () => wrapped.breaker!.stats };
}

describe.each(MODES)('an abort by the caller (%s)', (mode) => {
  it('before the call: the function does not run', async () => {
    const { controller, reason, fn, wrapped, clock } = aborted(mode);
    controller.abort(reason);
    expect(await rejectionOf(wrapped())).toBe(reason);
    expect(fn).not.toHaveBeenCalled();
    expect([clock.delays, listeners(controller.signal)]).toEqual([[], 0]);
  });

  it('of a call around it, before it: the function does not run', async () => {
    const clock = new TimerClock();
    const fn = pending();
    const inner = withPolicies(fn, { clock, timeout: { duration: 100, mode } });
    const outer = withBreaker(async () => inner(), { clock }).breaker!;
    const controller = new AbortController();
    const reason = new Error('left');
    const call = outer.execute(() => { controller.abort(reason); return inner(); }, { signal: controller.signal });
    expect(await rejectionOf(call)).toBe(reason);
    expect(fn).not.toHaveBeenCalled();
    expect([clock.delays, listeners(controller.signal)]).toEqual([[], 0]);
  });

  it('while it runs: reaches the function, counts for nothing, and leaves no timer and no listener', async () => {
    const { clock, controller, reason, fn, signals, wrapped, stats } = aborted(mode);
    const call = wrapped();
    controller.abort(reason);
    expect(signals[0]!.reason).toBe(reason);
    fn.calls[0]!.reject(new Error('interrupted'));
    expect(await rejectionOf(call)).toBe(reason);
    expect(stats()).toMatchObject({ ignored: 1, failures: 0 });
    expect([clock.armed, listeners(controller.signal)]).toEqual([0, 0]);
  });

  it('that the function does not heed: the call is given up with its reason, at the deadline or when the function fails', async () => {
    const { clock, controller, reason, fn, wrapped, stats } = aborted(mode);
    const call = rejectionOf(wrapped());
    controller.abort(reason);
    await clock.advance(100);
    if (mode === 'cooperative') fn.calls[0]!.reject(new Error('at last'));
    expect(await call).toBe(reason);
    expect(stats()).toMatchObject({ ignored: 1, failures: 0 });
    expect([clock.armed, listeners(controller.signal)]).toEqual([0, 0]);
  });

  it('of a call around it that nobody looks at: the call is given up with its reason, and no timeout is told of', async () => {
    const clock = new TimerClock();
    const registry = new BreakerRegistry({ clock });
    const timeouts = jest.fn();
    registry.on('timeout', timeouts);
    const fn = pending();
    const inner = withPolicies(fn, { registry, timeout: { duration: 100, mode } });
    const controller = new AbortController();
    const reason = new Error('left');
    const call = withBreaker(async () => undefined, { clock }).breaker!.execute(() => inner(), { signal: controller.signal }).catch((error: unknown) => error);
    await clock.advance(50);
    controller.abort(reason);
    await clock.advance(50);
    if (mode === 'cooperative') fn.calls[0]!.reject(reason);
    expect(await call).toBe(reason);
    expect(inner.breaker!.stats).toMatchObject({ ignored: 1, failures: 0 });
    expect(timeouts).not.toHaveBeenCalled();
  });

  it('after it worked: leaves nothing, and changes nothing', async () => {
    const { clock, controller, reason, fn, signals, wrapped, stats } = aborted(mode);
    const call = wrapped();
    fn.calls[0]!.resolve('it');
    expect(await call).toBe('it');
    expect([clock.armed, listeners(controller.signal)]).toEqual([0, 0]);
    controller.abort(reason);
    expect(signals[0]!.aborted).toBe(false);
    expect(stats()).toMatchObject({ successes: 1, ignored: 0 });
  });

  it('races with the end of the function and the deadline: one of them decides, and nothing is left', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.boolean(), fc.integer({ min: 0, max: 3 }), async (scheduler, works, advances) => {
        const { clock, controller, reason, fn, wrapped, stats } = aborted(mode);
        const down = new Error('down');
        const end = wrapped().then((value) => ({ value }), (error: unknown) => ({ error }));
        const actions = [
          () => { controller.abort(reason); },
          () => { if (works) fn.calls[0]!.resolve('it'); else fn.calls[0]!.reject(down); },
          ...Array.from({ length: advances }, () => () => clock.advance(50)),
        ];
        const all = actions.map((act) => scheduler.schedule(Promise.resolve(), 'act').then(act));
        await scheduler.waitAll();
        await Promise.all(all);
        const outcome = await end;
        await reactions();
        if ('error' in outcome && outcome.error !== reason && outcome.error !== down) expect(outcome.error).toBeInstanceOf(OperationTimeoutError);
        expect(stats().calls).toBe(stats().successes + stats().failures + stats().ignored);
        expect([clock.armed, listeners(controller.signal)]).toEqual([0, 0]);
      }),
      { numRuns: runs(60) },
    );
  });
});

describe('a timeout within the deadline of another operation', () => {
  /** An inner operation called at once by an outer one, each with its timeout. */
  function nested(outerMs: number, innerMs: number, mode: TimeoutOptions['mode'] = 'abandon') {
    const clock = new TimerClock();
    const registry = new BreakerRegistry({ clock });
    const fn = pending();
    const deadlines: (number | undefined)[] = [];
    const inner = withPolicies(
      async () => {
        deadlines.push(currentCall()!.deadline);
        return fn();
      },
      { name: 'inner', registry, timeout: { duration: innerMs, mode } },
    );
    const ends: Promise<unknown>[] = [];
    const outer = withPolicies(
      () => {
        const call = inner();
        ends.push(rejectionOf(call));
        return call;
      },
      { name: 'outer', registry, timeout: { duration: outerMs, mode: 'cooperative' } },
    );
    return { clock, fn, inner, outer, ends, deadlines };
  }

  it('never outlives it: ends with it, which its breaker ignores', async () => {
    const { clock, inner, outer, ends, deadlines } = nested(50, 100);
    const call = rejectionOf(outer());
    await clock.advance(50);
    expect(await ends[0]).toMatchObject({ code: 'BREAKER_TIMEOUT' });
    expect(deadlines).toEqual([50]);
    expect(await call).toMatchObject({ operation: 'outer', timeout: 50, isCutShort: false });
    expect(inner.breaker!.stats).toMatchObject({ ignored: 1, failures: 0 });
    expect(outer.breaker!.stats).toMatchObject({ failures: 1 });
    expect(clock.armed).toBe(0);
  });

  /** Within a deadline that nobody enforces but the timeout. */
  function within(atMs: number, mode: TimeoutOptions['mode'] = 'abandon') {
    const clock = new TimerClock();
    const fn = pending();
    const inner = withPolicies(fn, { name: 'inner', registry: new BreakerRegistry({ clock }), timeout: { duration: 100, mode } });
    const limit = { atMs, clock, operation: 'outer' };
    const run = (): Promise<unknown> => rejectionOf(invoke(inner, new Call('outer', undefined, undefined, 1, limit), undefined, []) as Promise<unknown>);
    return { clock, fn, run, breaker: inner.breaker! };
  }

  it.each(MODES)('that is nearer than its own time is told so, and is no failure of the dependency (%s)', async (mode) => {
    const { clock, fn, run, breaker } = within(50, mode);
    const call = run();
    await clock.advance(50);
    if (mode === 'cooperative') fn.calls[0]!.reject(new Error('as told'));
    const error = await call;
    expect(error).toMatchObject({ operation: 'inner', timeout: 50, isCutShort: true });
    expect((error as Error).message).toBe('inner did not settle within the 50 ms that the call around it had left');
    expect(breaker.stats).toMatchObject({ ignored: 1, failures: 0 });
    expect(clock.armed).toBe(0);
  });

  it('is a failure when a busy event loop let its own time pass', async () => {
    const { clock, run, breaker } = within(50);
    const call = run();
    const now = clock.now.bind(clock);
    jest.spyOn(clock, 'now').mockImplementation(() => now() + (now() >= 50 ? 70 : 0));
    await clock.advance(50);
    expect(await call).toMatchObject({ isCutShort: false, timeout: 50 });
    expect(breaker.stats).toMatchObject({ failures: 1, ignored: 0 });
  });

  it('has its own time when that is shorter, and fails', async () => {
    const { clock, inner, outer, ends, deadlines } = nested(100, 50);
    const call = rejectionOf(outer());
    await clock.advance(50);
    expect(await ends[0]).toMatchObject({ operation: 'inner', timeout: 50, isCutShort: false });
    await call;
    expect(deadlines).toEqual([50]);
    expect(inner.breaker!.stats).toMatchObject({ failures: 1 });
  });

  it('that has passed does not run its function', async () => {
    const clock = new TimerClock();
    const registry = new BreakerRegistry({ clock });
    const fn = pending();
    const inner = withPolicies(fn, { name: 'inner', registry, timeout: 100 });
    const outer = withPolicies(
      async () => {
        jest.spyOn(clock, 'now').mockImplementation(() => 60);
        return inner();
      },
      { name: 'outer', registry, timeout: 50 },
    );
    expect(await rejectionOf(outer())).toMatchObject({ operation: 'inner', timeout: 0, isCutShort: true });
    expect(fn).not.toHaveBeenCalled();
    expect(inner.breaker!.stats).toMatchObject({ ignored: 1 });
  });

  it('is bound by it no more when the outer work has settled', async () => {
    const clock = new TimerClock();
    let call: ReturnType<typeof currentCall>;
    const wrapped = withPolicies(async () => { call = currentCall(); }, { clock, timeout: 100 });
    const running = wrapped();
    expect(call!.deadline).toBe(100);
    await running;
    expect(call!.deadline).toBeUndefined();
  });

  it('holds work that was left to it, until that has settled', async () => {
    const clock = new TimerClock();
    const fn = pending();
    let call: ReturnType<typeof currentCall>;
    const wrapped = withPolicies(async () => { call = currentCall(); return fn(); }, { clock, timeout: 100 });
    await rejectionOf(clock.until(wrapped()));
    expect(call!.deadline).toBe(100);
    fn.calls[0]!.resolve('late');
    await reactions();
    expect(call!.deadline).toBeUndefined();
  });

  it('does not run the function when no time is left', async () => {
    const { fn, run } = within(0);
    const call = run();
    await reactions();
    expect(fn).not.toHaveBeenCalled();
    expect(await call).toMatchObject({ timeout: 0, isCutShort: true });
  });

  it('of the same pipeline is a failure: the dependency was too slow for it', async () => {
    const clock = new TimerClock();
    const fn = pending();
    const wrapped = withPolicies(fn, [timeout({ duration: 50, clock, mode: 'cooperative' }), circuitBreaker({ clock }), timeout({ duration: 100, clock })]);
    const error = await rejectionOf(clock.until(wrapped()));
    expect(error).toMatchObject({ timeout: 50, isCutShort: false });
    expect(wrapped.breaker!.stats).toMatchObject({ failures: 1, ignored: 0 });
    expect(clock.armed).toBe(0);
  });

  it('rule 2: of the same pipeline is a failure also when it has passed before its timer could fire', async () => {
    const clock = new TimerClock();
    const fn = pending();
    /** Keeps the event loop busy until the outer time is over. */
    const key = (): string => {
      jest.spyOn(clock, 'now').mockReturnValue(150);
      return 'key';
    };
    const wrapped = withPolicies(fn, [
      timeout({ duration: 100, clock, registry: new BreakerRegistry() }),
      circuitBreaker({ clock }),
      bulkhead({ maxConcurrent: 1, key, clock }),
      timeout({ duration: 200, clock }),
    ]);
    const call = rejectionOf(wrapped());
    await reactions();
    expect(fn).not.toHaveBeenCalled();
    expect(wrapped.breaker!.stats).toMatchObject({ failures: 1, ignored: 0 });
    expect(await call).toMatchObject({ code: 'BREAKER_TIMEOUT', isCutShort: false });
    expect(clock.armed).toBe(0);
  });

  it('cuts an attemptTimeout short as well', async () => {
    const clock = new TimerClock();
    const registry = new BreakerRegistry({ clock });
    const inner = withRetry(pending(), { name: 'inner', registry, attemptTimeout: 100, maxAttempts: 1 });
    const outer = withPolicies(async () => inner(), { name: 'outer', registry, timeout: 30 });
    const call = rejectionOf(outer());
    await clock.advance(30);
    await call;
    expect(inner.breaker!.stats).toMatchObject({ ignored: 1 });
  });
});

describe.each(MODES)('a stream under a timeout (%s)', (mode) => {
  function streaming(...waits: number[]) {
    const clock = new TimerClock();
    let closings = 0;
    const deadlines: (number | undefined)[] = [];
    let current: CurrentCall;
    const wrapped = withPolicies(
      async function* () {
        const call = (current = currentCall()!);
        try {
          for (const waitMs of waits) {
            deadlines.push(call.deadline);
            await new Promise<void>((resolve) => { clock.setTimeout(resolve, waitMs); });
            yield waitMs;
          }
        } finally {
          closings++;
        }
      },
      { clock, registry: new BreakerRegistry(), breaker: {}, timeout: { duration: 100, mode } },
    );
    return { clock, wrapped, deadlines, current: () => current, closings: () => closings, stats: () => wrapped.breaker!.stats };
  }

  it('bounds each wait for an item, and neither the whole nor the consumer', async () => {
    const { clock, wrapped, deadlines, current, stats } = streaming(90, 90, 90);
    const items: number[] = [];
    await clock.until((async () => {
      for await (const item of wrapped()) {
        items.push(item);
        expect(current().deadline).toBeUndefined();
        await new Promise<void>((resolve) => { clock.setTimeout(resolve, 500); });
      }
    })());
    expect(items).toEqual([90, 90, 90]);
    expect(deadlines).toEqual([100, 690, 1280]);
    expect(stats()).toMatchObject({ successes: 1 });
    expect(clock.armed).toBe(0);
  });

  it('a wait that is too long ends it, or goes on after the signal', async () => {
    const { clock, wrapped, stats, closings } = streaming(10, 500);
    const stream = wrapped();
    await clock.until(stream.next());
    const second = clock.until(stream.next());
    if (mode === 'abandon') {
      expect(await rejectionOf(second)).toMatchObject({ timeout: 100 });
      expect(stats()).toMatchObject({ failures: 1 });
    } else {
      expect(await second).toEqual({ done: false, value: 500 });
      await stream.return(undefined);
      expect(stats()).toMatchObject({ successes: 1 });
    }
    await clock.advance(1000);
    expect([closings(), clock.armed]).toEqual([1, 0]);
  });

  it('within the deadline of another operation ends with it; by its own time when a busy event loop let that pass too', async () => {
    for (const [busyMs, isCutShort] of [[0, true], [70, false]] as const) {
      const { clock, wrapped, current } = streaming(500);
      const limit = { atMs: 50, clock, operation: 'outer' };
      const stream = invoke(wrapped, new Call('outer', undefined, undefined, 1, limit), undefined, []) as ReturnType<typeof wrapped>;
      const first = stream.next().catch(() => undefined);
      const now = clock.now.bind(clock);
      jest.spyOn(clock, 'now').mockImplementation(() => now() + (now() >= 50 ? busyMs : 0));
      await clock.advance(50);
      expect(current().signal!.reason).toMatchObject({ timeout: 50, isCutShort });
      await clock.advance(500);
      await first;
      await stream.return(undefined);
      expect(clock.armed).toBe(0);
    }
  });
});

describe('a breaker inside a timeout', () => {
  it.each(MODES)('counts a function that answers its time being up with an AbortError as failed (%s)', async (mode) => {
    const clock = new TimerClock();
    const heeding = (): Promise<never> =>
      new Promise((_resolve, reject) => {
        currentCall()!.signal!.addEventListener('abort', () => {
          reject(new DOMException('This operation was aborted', 'AbortError'));
        });
      });
    const wrapped = withPolicies(heeding, [timeout({ duration: 100, mode, clock, registry: new BreakerRegistry() }), circuitBreaker()]);
    expect(await rejectionOf(clock.until(wrapped()))).toBeInstanceOf(OperationTimeoutError);
    await reactions();
    expect(wrapped.breaker!.stats).toMatchObject({ failures: 1, ignored: 0 });
  });
});

it('a stream whose deadline has passed between two items is closed', async () => {
  let isClosed = false;
  const numbers = withPolicies(
    async function* () {
      try {
        for (let n = 0; ; n++) yield n;
      } finally {
        isClosed = true;
      }
    },
    { registry: new BreakerRegistry(), timeout: 1000 },
  );
  const reader = withPolicies(
    async () => {
      for await (const _number of numbers()) await sleep(30);
    },
    { registry: new BreakerRegistry(), timeout: 20 },
  );
  expect(await rejectionOf(reader())).toBeInstanceOf(OperationTimeoutError);
  await sleep(60);
  expect(isClosed).toBe(true);
});
