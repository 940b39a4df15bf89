import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { BreakerRegistry, currentCall, retry, cache, withPolicies } from '../../lib';
import { pending, rejectionOf } from '../composition/support/flaky';
import { reactions, TimerClock } from '../support/timer-clock';
import { cached, caller } from './support/cached';
import { runs } from '../support/runs';

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

describe('calls for the same that are in flight together', () => {
  it('share one run', async () => {
    const { fn, call, outcomes } = cached();
    const calls = [call('x'), call('x'), call('y')];
    expect(fn.mock.calls).toEqual([['x'], ['y']]);
    fn.calls[0]!.resolve('it');
    fn.calls[1]!.resolve('other');
    expect(await Promise.all(calls)).toEqual(['it', 'it', 'other']);
    expect(outcomes).toEqual(['miss', 'coalesced', 'miss']);
  });

  it('do not, when coalesce is off; the last result is kept', async () => {
    const { fn, call, outcomes } = cached({ coalesce: false });
    const calls = [call('x'), call('x')];
    fn.calls[0]!.resolve('one');
    await calls[0];
    fn.calls[1]!.resolve('two');
    expect(await Promise.all(calls)).toEqual(['one', 'two']);
    expect(await call('x')).toBe('two');
    expect(outcomes).toEqual(['miss', 'miss', 'hit']);
  });

  it('fail together, with the error of the run, which is not kept', async () => {
    const { fn, call } = cached();
    const [first, second] = [rejectionOf(call()), rejectionOf(call())];
    const error = new Error('down');
    fn.calls[0]!.reject(error);
    expect(await first).toBe(error);
    expect(await second).toBe(error);
    void call();
    expect(fn).toHaveBeenCalledTimes(2);
  });

  it('leave each by itself, with its own reason, and end nobody else’s', async () => {
    const { registry, fn, call } = cached();
    const [one, other] = [caller(registry, 'one'), caller(registry, 'other')];
    const [left, stays] = [rejectionOf(one.calls(() => call())), other.calls(() => call())];
    const reason = new Error('one left');
    one.controller.abort(reason);
    expect(await left).toBe(reason);
    expect(listeners(one.controller.signal)).toBe(0);
    fn.calls[0]!.resolve('it');
    expect(await stays).toBe('it');
    expect(listeners(other.controller.signal)).toBe(0);
  });

  it('abort the run when the last has left, and the next call starts another', async () => {
    const clock = new TimerClock();
    const registry = new BreakerRegistry({ clock });
    const fn = pending();
    const signals: AbortSignal[] = [];
    const call = withPolicies(
      () => {
        signals.push(currentCall()!.signal!);
        return fn();
      },
      { name: 'a', registry, cache: '5m' },
    );
    const [one, other] = [caller(registry, 'one'), caller(registry, 'other')];
    const left = [rejectionOf(one.calls(() => call())), rejectionOf(other.calls(() => call()))];
    const reasons = [new Error('one left'), new Error('other left')];
    one.controller.abort(reasons[0]);
    expect(signals[0]!.aborted).toBe(false);
    other.controller.abort(reasons[1]);
    expect(signals[0]!.reason).toBe(reasons[1]);
    expect(await Promise.all(left)).toEqual(reasons);

    const next = caller(registry, 'next').calls(() => call());
    expect(fn).toHaveBeenCalledTimes(2);
    fn.calls[1]!.resolve('fresh');
    expect(await next).toBe('fresh');
    // What the abandoned run gives comes too late for anybody.
    fn.calls[0]!.resolve('abandoned');
    await reactions();
    expect(await call()).toBe('fresh');
  });

  it('keep the run going for one that can never leave', async () => {
    const { registry, fn, call } = cached();
    const { controller, calls } = caller(registry);
    const left = rejectionOf(calls(() => call()));
    const stays = call();
    controller.abort(new Error('left'));
    await left;
    fn.calls[0]!.resolve('it');
    expect(await stays).toBe('it');
  });

  it('are not bound by the deadline of the one that began', async () => {
    const clock = new TimerClock();
    const registry = new BreakerRegistry({ clock });
    const deadlines: unknown[] = [];
    const fn = pending();
    const inner = withPolicies(
      () => {
        deadlines.push(currentCall()!.deadline);
        return fn();
      },
      { name: 'inner', registry, cache: '5m' },
    );
    const hurried = withPolicies(() => inner(), { name: 'hurried', registry, timeout: 100 });
    const first = rejectionOf(hurried());
    const second = inner();
    await clock.advance(100);
    expect(await first).toMatchObject({ code: 'BREAKER_TIMEOUT', operation: 'hurried' });
    await clock.advance(500);
    fn.calls[0]!.resolve('it');
    expect(await second).toBe('it');
    expect(deadlines).toEqual([undefined]);
    expect(clock.armed).toBe(0);
  });

  it('whose run ends its own caller’s call at once reject with its reason', async () => {
    const registry = new BreakerRegistry();
    const { controller, calls } = caller(registry);
    const reason = new Error('the user left');
    const fn = jest.fn(async () => {
      controller.abort(reason);
      throw new Error('interrupted');
    });
    const call = withPolicies(fn, { name: 'a', registry, cache: '5m' });
    expect(await rejectionOf(calls(() => call()))).toBe(reason);
    expect(listeners(controller.signal)).toBe(0);
  });

  it('under a retry of their own: each attempt looks for itself, and joins what is in flight', async () => {
    const clock = new TimerClock();
    const fn = pending();
    const call = withPolicies(fn, [retry({ name: 'a', registry: new BreakerRegistry({ clock }), baseDelay: 10, jitter: false }), cache('5m')]);
    const calls = [call(), call()];
    fn.calls[0]!.reject(new Error('down'));
    await clock.advance(10);
    expect(fn).toHaveBeenCalledTimes(2);
    fn.calls[1]!.resolve('up');
    expect(await Promise.all(calls)).toEqual(['up', 'up']);
  });

  it('in any order of ends and aborts: one run at a time, everybody answered, nothing left', async () => {
    const unhandled = jest.fn();
    process.on('unhandledRejection', unhandled);
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.record({ leaves: fc.boolean(), endable: fc.boolean() }), { minLength: 1, maxLength: 8 }),
        fc.array(fc.boolean(), { minLength: 10, maxLength: 10 }),
        async (scheduler, waiters, works) => {
          const registry = new BreakerRegistry();
          let runs = 0;
          let running = 0;
          const call = withPolicies(
            async () => {
              const run = runs++;
              // A run that everybody left is aborted, and does not count beside the next.
              const signal = currentCall()?.signal;
              running++;
              let counts = true;
              const end = (): void => {
                if (counts) running--;
                counts = false;
              };
              signal?.addEventListener('abort', end, { once: true });
              expect(running).toBe(1);
              await scheduler.schedule(Promise.resolve(), `run ${run}`);
              end();
              if (works[run % works.length] === true) return run;
              throw new Error(`down ${run}`);
            },
            { name: 'a', registry, cache: '5m' },
          );
          const results = waiters.map(async ({ leaves, endable }, n) => {
            await scheduler.schedule(Promise.resolve(), `waiter ${n}`);
            if (!endable) return call().then((value) => ({ value }), (error: unknown) => ({ error }));
            const { controller, calls } = caller(registry, `caller ${n}`);
            const result = calls(() => call()).then((value) => ({ value }), (error: unknown) => ({ error }));
            if (leaves) void scheduler.schedule(Promise.resolve(), `abort ${n}`).then(() => { controller.abort(n); });
            const settled = await result;
            expect(listeners(controller.signal)).toBe(0);
            return settled;
          });
          await scheduler.waitFor(Promise.all(results));
          for (const [n, settled] of (await Promise.all(results)).entries()) {
            if ('value' in settled) expect(works[settled.value % works.length]).toBe(true);
            else if (settled.error !== n) expect(String(settled.error)).toMatch(/^Error: down \d+$/);
            else expect(waiters[n]).toEqual({ leaves: true, endable: true });
          }
        },
      ),
      { numRuns: runs(150) },
    );
    await reactions();
    process.removeListener('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});
