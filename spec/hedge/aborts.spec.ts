import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { BreakerRegistry, currentCall, withBreaker, withPolicies, hedge, circuitBreaker } from '../../lib';
import { fails, pending, rejectionOf, scripted } from '../composition/support/flaky';
import { reactions, TimerClock } from '../support/timer-clock';
import { runs } from '../support/runs';

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

/** A hedged function, called inside a call that the test can end. */
function setUp(maxHedges = 1) {
  const clock = new TimerClock();
  const registry = new BreakerRegistry({ clock });
  const controller = new AbortController();
  const reason = new Error('the user left');
  const fn = pending();
  const signals: AbortSignal[] = [];
  const hedged = withPolicies(
    () => {
      signals.push(currentCall()!.signal!);
      return fn();
    },
    { name: 'inner', registry, hedge: { delay: 100, maxHedges, idempotent: true } },
  );
  const outer = withBreaker(async () => undefined, { name: 'outer', registry }).breaker!;
  const call = (): Promise<unknown> => outer.execute(() => hedged(), { signal: controller.signal });
  const leftovers = (): number[] => [clock.armed, listeners(controller.signal)];
  return { clock, registry, controller, reason, fn, signals, call, leftovers };
}

describe('rule 20: an abort of a hedged call', () => {
  it('that is there already: no run, the reason', async () => {
    const { controller, reason, fn, call, leftovers } = setUp();
    controller.abort(reason);
    expect(await rejectionOf(call())).toBe(reason);
    expect(fn).not.toHaveBeenCalled();
    expect(leftovers()).toEqual([0, 0]);
  });

  it('before the delay: aborts the run with the reason, and starts no other', async () => {
    const { clock, controller, reason, fn, signals, call, leftovers } = setUp();
    const result = rejectionOf(call());
    await clock.advance(50);
    controller.abort(reason);
    expect([signals[0]!.aborted, signals[0]!.reason, ...leftovers()]).toEqual([true, reason, 0, 0]);

    fn.calls[0]!.reject(new Error('interrupted'));
    expect(await result).toBe(reason);
    await clock.advance(1000);
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it('while hedged: aborts all runs, and the timer of the next', async () => {
    const { clock, controller, reason, fn, signals, call, leftovers } = setUp(2);
    const result = rejectionOf(call());
    await clock.advance(150);
    expect(clock.armed).toBe(1);
    controller.abort(reason);
    expect(signals.map((signal) => signal.reason)).toEqual([reason, reason]);
    expect(leftovers()).toEqual([0, 0]);

    fn.calls.forEach(({ reject }) => { reject(new DOMException('stopped', 'AbortError')); });
    expect(await result).toBe(reason);
    expect(fn).toHaveBeenCalledTimes(2);
  });

  it('ends it as soon as one of its runs fails: the caller waits for no other', async () => {
    const { clock, controller, reason, fn, call, leftovers } = setUp();
    const result = rejectionOf(call());
    await clock.advance(100);
    controller.abort(reason);
    fn.calls[0]!.reject(new Error('interrupted'));
    expect(await result).toBe(reason);
    expect(leftovers()).toEqual([0, 0]);
  });

  it('whose runs work all the same: the caller gets the value', async () => {
    const { clock, controller, reason, fn, call, leftovers } = setUp();
    const result = call();
    await clock.advance(100);
    controller.abort(reason);
    fn.calls[1]!.resolve('it');
    expect(await result).toBe('it');
    expect(leftovers()).toEqual([0, 0]);
  });

  it('after success changes nothing, and finds no listener', async () => {
    const { clock, controller, fn, signals, call, leftovers } = setUp();
    const result = call();
    await clock.advance(100);
    fn.calls[1]!.resolve('it');
    await result;
    expect(leftovers()).toEqual([0, 0]);
    controller.abort();
    expect(signals[1]!.aborted).toBe(false);
  });

  it('leaves no listener when a loser never ends', async () => {
    const { clock, fn, call, leftovers } = setUp();
    const result = call();
    await clock.advance(100);
    fn.calls[1]!.resolve();
    await result;
    expect(leftovers()).toEqual([0, 0]);
  });

  it('by a listener of the event that tells of the hedge: the run is not started', async () => {
    const { clock, registry, controller, reason, fn, call } = setUp();
    registry.on('hedge', () => { controller.abort(reason); });
    const result = rejectionOf(call());
    await clock.advance(1000);
    expect(fn).toHaveBeenCalledTimes(1);
    fn.calls[0]!.reject(new Error('interrupted'));
    expect(await result).toBe(reason);
  });

  it('at any moment, whatever the runs do, leaves no timer, no listener, and no run that starts after it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), fc.integer({ min: 0, max: 500 }),
        async (scheduler, works, abortAtMs) => {
          const clock = new TimerClock();
          const registry = new BreakerRegistry({ clock });
          const controller = new AbortController();
          const reason = new Error('the user left');
          let runs = 0;
          let startedAfter = 0;
          const hedged = withPolicies(
            async () => {
              const run = runs++;
              if (controller.signal.aborted) startedAfter++;
              await scheduler.schedule(Promise.resolve(), `run ${run}`);
              if (works[run] === true) return run;
              throw new Error(`down ${run}`);
            },
            { name: 'inner', registry, hedge: { delay: 100, maxHedges: 3, idempotent: true } },
          );
          const outer = withBreaker(async () => undefined, { name: 'outer', registry }).breaker!;
          const result = outer.execute(() => hedged(), { signal: controller.signal }).then(
            (value) => ({ value }),
            (error: unknown) => ({ error }),
          );
          clock.setTimeout(() => { controller.abort(reason); }, abortAtMs);
          while (!controller.signal.aborted || scheduler.count() > 0) {
            await clock.advance(50);
            if (scheduler.count() > 0) await scheduler.waitOne();
          }
          const settled = await result;
          await reactions();

          expect([clock.armed, listeners(controller.signal), startedAfter]).toEqual([0, 0, 0]);
          if ('value' in settled) expect(works[settled.value as number]).toBe(true);
          else expect(runs === 4 || settled.error === reason).toBe(true);
        },
      ),
      { numRuns: runs(80) },
    );
  });
});

describe('a breaker and a hedge', () => {
  it('a breaker around the hedge sees one outcome, and never the losers', async () => {
    const clock = new TimerClock();
    const fn = pending();
    const call = withPolicies(fn, {
      name: 'a', registry: new BreakerRegistry({ clock }), breaker: { failureThreshold: 1 }, hedge: { delay: 100, idempotent: true },
    });
    const result = call();
    await clock.advance(100);
    fn.calls[1]!.resolve('second');
    await result;
    fn.calls[0]!.reject(new Error('late'));
    await reactions();
    expect(call.breaker!.stats).toMatchObject({ calls: 1, successes: 1, failures: 0, ignored: 0, late: 0 });
    expect(call.breaker!.state).toBe('closed');
  });

  it('a breaker inside the hedge counts the runs, and aborted losers as ignored (rule 2)', async () => {
    const clock = new TimerClock();
    const fn = pending();
    const call = withPolicies(fn, [
      hedge({ delay: 100, idempotent: true, name: 'a', registry: new BreakerRegistry({ clock }) }),
      circuitBreaker({ failureThreshold: 1 }),
    ]);
    const result = call();
    await clock.advance(100);
    fn.calls[1]!.resolve('second');
    await result;
    fn.calls[0]!.reject(new Error('late'));
    await reactions();
    expect(call.breaker!.stats).toMatchObject({ calls: 2, successes: 1, failures: 0, ignored: 1 });
  });

  it('an open breaker inside the hedge rejects the call once: that is no reason to run again', async () => {
    const clock = new TimerClock();
    const fn = scripted(fails());
    const call = withPolicies(fn, [
      hedge({ delay: 100, idempotent: true, name: 'a', registry: new BreakerRegistry({ clock }) }),
      circuitBreaker({ failureThreshold: 1 }),
    ]);
    // The run after the failure finds the circuit open; what the caller learns is the failure.
    expect(await rejectionOf(call())).toEqual(new Error('down'));
    expect(await rejectionOf(call())).toMatchObject({ code: 'BREAKER_OPEN' });
    expect([fn.mock.calls.length, call.breaker!.stats.rejected, clock.armed]).toEqual([1, 2, 0]);
  });
});
