import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { Breaker, BreakerRegistry, withPolicies } from '../../lib';
import { CancellationSource } from '../../lib/core/cancellation';
import { Call } from '../../lib/core/call';
import { rejectionOf } from '../composition/support/flaky';
import { reactions, TimerClock } from '../support/timer-clock';
import { layerOf, setUp, watch } from './support/testbed';
import { runs } from '../support/runs';

const enough = new DOMException('enough', 'AbortError');

/** A bulkhead whose calls can be made under a signal. */
function underSignals(given: Parameters<typeof setUp>[0]) {
  const bed = setUp(given);
  const callers = new Breaker({ failureThreshold: Infinity });
  const start = (id: unknown, signal?: AbortSignal): Promise<unknown> =>
    callers.execute(() => bed.wrapped(id), signal && { signal });
  const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;
  return { ...bed, start, listeners };
}

const queueing = { maxConcurrent: 1, maxQueue: 5, maxWait: 1_000 };

describe('an abort', () => {
  it('before the call takes no slot', async () => {
    const { fn, wrapped } = setUp(1);
    const controller = new AbortController();
    const outer = new Breaker();
    const result = outer.execute(
      () => {
        controller.abort(enough);
        return wrapped('aborted');
      },
      { signal: controller.signal },
    );
    expect(await rejectionOf(result)).toBe(enough);
    void wrapped('next');
    expect(fn.mock.calls).toEqual([['next']]);
  });

  it('ends a wait at once with its reason, without timer or listener; later ones keep their order (rule 20)', async () => {
    const { clock, fn, start, listeners } = underSignals(queueing);
    const controller = new AbortController();
    void start('a');
    void start('b');
    const aborted = rejectionOf(start('c', controller.signal));
    void start('d');
    expect([clock.armed, listeners(controller.signal)]).toEqual([3, 1]);
    controller.abort(enough);
    expect(await aborted).toBe(enough);
    expect([clock.armed, listeners(controller.signal)]).toEqual([2, 0]);
    for (const at of [0, 1, 2]) {
      fn.calls[at]!.resolve();
      await reactions();
    }
    expect(fn.mock.calls).toEqual([['a'], ['b'], ['d']]);
    expect(clock.armed).toBe(0);
  });

  it('makes room in the queue', async () => {
    const { start } = underSignals({ maxConcurrent: 1, maxQueue: 1 });
    const controller = new AbortController();
    void start('a');
    const aborted = rejectionOf(start('b', controller.signal));
    controller.abort(enough);
    await aborted;
    const next = watch(start('c'));
    await reactions();
    expect(next.state).toBe('pending');
  });

  it('in the same tick as the grant gives the slot to the next', async () => {
    const clock = new TimerClock();
    const runner = layerOf(queueing, clock);
    const source = new CancellationSource();
    const first = runner.guard.admit(new Call('a', undefined, undefined), undefined, [])!;
    const aborted = watch(runner.run(new Call('a', undefined, source), undefined, ['aborted']));
    const next = watch(runner.run(new Call('a', undefined, undefined), undefined, ['next']));
    // The slot is given on, and what it is given to is aborted before it can begin.
    first.success('it');
    source.abort(enough);
    await reactions();
    expect(aborted).toEqual({ state: 'rejected', outcome: enough });
    expect(runner.fn.mock.calls).toEqual([['next']]);
    runner.fn.calls[0]!.resolve('it');
    await reactions();
    expect([next.outcome, clock.armed]).toEqual(['it', 0]);
  });

  it('while the call runs leaves the slot to it until it has settled', async () => {
    const { fn, start, listeners } = underSignals({ maxConcurrent: 1 });
    const controller = new AbortController();
    const call = rejectionOf(start('a', controller.signal));
    controller.abort(enough);
    expect(await rejectionOf(start('b'))).toMatchObject({ code: 'BREAKER_BULKHEAD_FULL' });
    fn.calls[0]!.reject(new Error('interrupted'));
    expect(await call).toBe(enough);
    void start('c');
    expect(fn.mock.calls).toEqual([['a'], ['c']]);
    expect(listeners(controller.signal)).toBe(0);
  });

  it('after success changes nothing', async () => {
    const { fn, start, listeners } = underSignals({ maxConcurrent: 1 });
    const controller = new AbortController();
    const call = start('a', controller.signal);
    fn.calls[0]!.resolve('it');
    expect(await call).toBe('it');
    controller.abort(enough);
    void start('b');
    expect([fn.mock.calls.length, listeners(controller.signal)]).toEqual([2, 0]);
  });
});

/** What happens to a call beside being served. */
interface Plan {
  readonly fails: boolean;
  /** Whether somebody aborts it, at a moment of the scheduler's. */
  readonly aborts: boolean;
}

const plans = fc.array(fc.record({ fails: fc.boolean(), aborts: fc.boolean() }), { minLength: 1, maxLength: 20 });

describe('whatever calls do, and whenever they are aborted', () => {
  it('no more run than may, each is served in its order, and no slot, timer or listener is left', async () => {
    const unhandled = jest.fn();
    process.on('unhandledRejection', unhandled);
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), plans, fc.integer({ min: 1, max: 4 }), fc.infiniteStream(fc.boolean()), async (scheduler, given, maxConcurrent, patience) => {
        const isPatient = (): boolean => patience.next().value as boolean;
        const clock = new TimerClock();
        let running = 0;
        const started: number[] = [];
        const wrapped = withPolicies(
          async (id: number, { fails }: Plan) => {
            started.push(id);
            running++;
            expect(running).toBeLessThanOrEqual(maxConcurrent);
            await scheduler.schedule(Promise.resolve(), `end ${id}`);
            running--;
            if (fails) throw new Error(`down ${id}`);
            return id;
          },
          { name: 'a', registry: new BreakerRegistry({ clock }), bulkhead: { maxConcurrent, maxQueue: Infinity, maxWait: 1e6 } },
        );
        const callers = new Breaker({ failureThreshold: Infinity });
        const controllers = given.map(() => new AbortController());
        const calls = given.map((plan, id) => watch(callers.execute(() => wrapped(id, plan), { signal: controllers[id]!.signal })));
        given.forEach(({ aborts }, id) => {
          if (aborts) void scheduler.schedule(Promise.resolve(), `abort ${id}`).then(() => { controllers[id]!.abort(enough); });
        });
        for (;;) {
          // Not always with all reactions in between: a grant and an abort then meet.
          if (scheduler.count() === 0 || isPatient()) await reactions();
          if (scheduler.count() === 0) break;
          await scheduler.waitOne();
        }

        expect(started).toEqual([...started].sort((one, other) => one - other));
        expect([running, clock.armed]).toEqual([0, 0]);
        calls.forEach(({ state, outcome }, id) => {
          const hasRun = started.includes(id);
          if (!hasRun) expect([given[id]!.aborts, state, outcome]).toEqual([true, 'rejected', enough]);
          else if (given[id]!.fails) expect(state).toBe('rejected');
          else expect([state, outcome]).toEqual(['fulfilled', id]);
        });
        expect(controllers.map(({ signal }) => getEventListeners(signal, 'abort').length)).toEqual(given.map(() => 0));
        // Every slot is there again.
        const again = Array.from({ length: maxConcurrent }, () => wrapped(-1, { fails: false, aborts: false }));
        expect(running).toBe(maxConcurrent);
        await scheduler.waitAll();
        await Promise.all(again);
      }),
      { numRuns: runs(300) },
    );
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});
