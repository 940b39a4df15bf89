import { AsyncLocalStorage } from 'node:async_hooks';
import { BreakerRegistry, BulkheadFullError, withPolicies, type BulkheadOptions } from '../../lib';
import { Call, type Deadline } from '../../lib/core/call';
import { CancellationSource } from '../../lib/core/cancellation';
import { pending, rejectionOf } from '../composition/support/flaky';
import { noteTimers } from '../support/platform-timers';
import { reactions, TimerClock } from '../support/timer-clock';
import { layerOf, setUp, watch } from './support/testbed';

describe('the queue of a bulkhead', () => {
  it('is served first in, first out', async () => {
    const { fn, wrapped } = setUp({ maxConcurrent: 1, maxQueue: 3 });
    const calls = ['a', 'b', 'c', 'd'].map((id) => wrapped(id));
    expect(fn.mock.calls).toEqual([['a']]);
    for (let at = 0; at < 4; at++) {
      fn.calls[at]!.resolve(at);
      expect(await calls[at]).toBe(at);
      await reactions();
    }
    expect(fn.mock.calls).toEqual([['a'], ['b'], ['c'], ['d']]);
  });

  it('has room for so many; one call more is rejected at once', async () => {
    const { fn, wrapped, events } = setUp({ maxConcurrent: 2, maxQueue: 2 });
    for (const id of ['a', 'b', 'c', 'd']) void wrapped(id);
    expect(await rejectionOf(wrapped('e'))).toMatchObject({ running: 2, queued: 2 });
    expect(events).toEqual([
      { type: 'bulkhead', operation: 'users.fetch', at: 1_700_000_000_000, attempt: 1, reason: 'full', running: 2, queued: 2 },
    ]);
    fn.calls[0]!.resolve();
    await reactions();
    void wrapped('f');
    expect(fn.mock.calls).toEqual([['a'], ['b'], ['c']]);
  });

  it('moves on when a call fails', async () => {
    const { fn, wrapped } = setUp({ maxConcurrent: 1, maxQueue: 1 });
    const [first, second] = [wrapped('a'), wrapped('b')];
    fn.calls[0]!.reject(new Error('down'));
    await rejectionOf(first);
    await reactions();
    fn.calls[1]!.resolve('it');
    expect(await second).toBe('it');
  });

  it('is not overtaken by a call that comes when the slot has just been given on', async () => {
    const { fn, wrapped } = setUp({ maxConcurrent: 1, maxQueue: 5 });
    const first = wrapped('a').then(() => wrapped('c'));
    void wrapped('b');
    fn.calls[0]!.resolve();
    await reactions();
    fn.calls[1]!.resolve();
    await reactions();
    fn.calls[2]!.resolve('last');
    expect(await first).toBe('last');
    expect(fn.mock.calls).toEqual([['a'], ['b'], ['c']]);
  });

  it('may be without end', async () => {
    const { fn, wrapped } = setUp({ maxConcurrent: 1, maxQueue: Infinity });
    const calls = Array.from({ length: 2_000 }, (_, id) => wrapped(id));
    for (let at = 0; at < calls.length; at++) {
      fn.calls[at]!.resolve(at);
      await calls[at];
      await Promise.resolve();
    }
    expect(fn.mock.calls.map(([id]) => id)).toEqual(calls.map((_, id) => id));
  });

  it('runs a call that waited in the async context it was made in, not in that of the call before', async () => {
    const request = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    const gates: (() => void)[] = [];
    const wrapped = withPolicies(
      async () => {
        seen.push(request.getStore());
        await new Promise<void>((resolve) => {
          gates.push(resolve);
        });
      },
      { name: 'a', registry: new BreakerRegistry(), bulkhead: { maxConcurrent: 1, maxQueue: 1 } },
    );
    const first = request.run('first', () => wrapped());
    const second = request.run('second', () => wrapped());
    gates[0]!();
    await first;
    await reactions();
    gates[1]!();
    await second;
    expect(seen).toEqual(['first', 'second']);
  });

  it('passes receiver and arguments on as they are (rule 27)', async () => {
    const { fn, registry } = setUp(1);
    const wrapped = withPolicies(function (this: unknown, ...args: unknown[]) { return fn(this, ...args); }, {
      name: 'method', registry, bulkhead: { maxConcurrent: 1, maxQueue: 1 },
    });
    const self = {};
    void wrapped.call(self, 1);
    void wrapped.call(self, 2, undefined);
    fn.calls[0]!.resolve();
    await reactions();
    expect(fn.mock.calls).toEqual([[self, 1], [self, 2, undefined]]);
  });
});

describe('maxWait', () => {
  const patient = { maxConcurrent: 1, maxQueue: 2, maxWait: 100 };

  it('rejects a call that got no slot in time, and lets the others keep theirs', async () => {
    const { clock, fn, wrapped, events } = setUp(patient);
    void wrapped('a');
    const late = watch(wrapped('b'));
    await clock.advance(60);
    const other = watch(wrapped('c'));
    await clock.advance(39);
    expect(late.state).toBe('pending');
    await clock.advance(1);

    expect(late).toMatchObject({ state: 'rejected', outcome: { code: 'BREAKER_BULKHEAD_FULL', running: 1, queued: 1 } });
    expect(late.outcome).toBeInstanceOf(BulkheadFullError);
    expect(events).toMatchObject([{ reason: 'max_wait', running: 1, queued: 1, at: 1_700_000_000_100 }]);
    fn.calls[0]!.resolve();
    await reactions();
    expect(fn.mock.calls).toEqual([['a'], ['c']]);
    expect([other.state, clock.armed]).toEqual(['pending', 0]);
  });

  it('leaves room in the queue for another call', async () => {
    const { clock, wrapped } = setUp({ ...patient, maxQueue: 1 });
    void wrapped('a');
    const late = rejectionOf(wrapped('b'));
    await clock.advance(100);
    await late;
    const next = watch(wrapped('c'));
    await reactions();
    expect(next.state).toBe('pending');
  });

  it('does not bound the call once it runs', async () => {
    const { clock, fn, wrapped } = setUp(patient);
    void wrapped('a');
    const call = wrapped('b');
    await clock.advance(99);
    fn.calls[0]!.resolve();
    await clock.advance(1_000);
    fn.calls[1]!.resolve('it');
    expect([await call, clock.armed]).toEqual(['it', 0]);
  });

  it('rule 24: its timer is ref’d, so that a process does not end while a caller awaits a slot', async () => {
    const timers = noteTimers();
    const fn = pending();
    const wrapped = withPolicies(fn, { name: 'a', registry: new BreakerRegistry(), bulkhead: { ...patient, maxWait: 1 } });
    const running = wrapped('a');
    await rejectionOf(wrapped('b'));
    timers.stop();
    fn.calls[0]!.resolve();
    await running;

    expect(timers.areRefd()).toEqual([true]);
  });

  it('of Infinity arms no timer', async () => {
    const { clock, wrapped } = setUp({ ...patient, maxWait: Infinity });
    void wrapped('a');
    void wrapped('b');
    expect(clock.delays).toEqual([]);
  });
});

describe('the deadline of a call that waits', () => {
  function queueUnder(deadline: Deadline, clock: TimerClock, given: Partial<BulkheadOptions> = {}) {
    const source = new CancellationSource();
    const runner = layerOf({ maxConcurrent: 1, maxQueue: 1, ...given }, clock);
    void runner.run(new Call('a', undefined, undefined), undefined, []);
    const call = new Call('a', undefined, source, 1, deadline);
    return { source, waiting: watch(runner.run(call, undefined, [])) };
  }

  it('ends its wait: a slot that comes later would be of no use', async () => {
    const clock = new TimerClock();
    const { waiting } = queueUnder({ atMs: 80, clock }, clock, { maxWait: 100 });
    await clock.advance(79);
    expect(waiting.state).toBe('pending');
    await clock.advance(1);
    expect(waiting).toMatchObject({ state: 'rejected', outcome: { code: 'BREAKER_BULKHEAD_FULL' } });
    expect(clock.armed).toBe(0);
  });

  it('is read by its own clock, the wait by the policy’s', async () => {
    const clock = new TimerClock();
    const other = new TimerClock();
    await other.advance(5_000);
    const { waiting } = queueUnder({ atMs: 5_030, clock: other }, clock);
    expect(clock.delays).toEqual([30]);
    await other.advance(30);
    await clock.advance(30);
    expect(waiting.state).toBe('rejected');
  });

  it('that has passed ends the wait at once', async () => {
    const clock = new TimerClock();
    await clock.advance(10);
    const { waiting } = queueUnder({ atMs: 5, clock }, clock);
    await clock.advance(0);
    expect([waiting.state, clock.armed]).toEqual(['rejected', 0]);
  });

  it('that is lifted, for the work that had it has settled, bounds the wait no more; maxWait still does', async () => {
    const clock = new TimerClock();
    const deadline = { atMs: 40, clock };
    const { waiting } = queueUnder(deadline, clock, { maxWait: 100 });
    await clock.advance(20);
    deadline.atMs = Infinity;
    await clock.advance(79);
    expect([waiting.state, clock.armed]).toEqual(['pending', 1]);
    await clock.advance(1);
    expect([waiting.state, clock.armed]).toEqual(['rejected', 0]);
  });

  it('that comes with an abort gives way to its reason', async () => {
    const clock = new TimerClock();
    const { source, waiting } = queueUnder({ atMs: 40, clock }, clock);
    source.abort('too late');
    await clock.advance(40);
    expect(waiting).toEqual({ state: 'rejected', outcome: 'too late' });
    expect(clock.armed).toBe(0);
  });
});
