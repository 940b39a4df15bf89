import { rejectionOf } from '../composition/support/flaky';
import { asOnWorkers } from '../support/as-on-workers';
import { reactions } from '../support/timer-clock';
import { setUp } from './support/testbed';

describe('rule 36: the queue of a bulkhead where timers and promises belong to a request', () => {
  let restore: () => void;
  beforeAll(() => {
    restore = asOnWorkers();
  });
  afterAll(() => {
    restore();
  });

  it('is looked after by each who waits, by a timer of its own, in the order they came', async () => {
    const { clock, fn, wrapped } = setUp({ maxConcurrent: 1, maxQueue: 2 });
    for (const id of ['a', 'b', 'c']) void wrapped(id);
    expect(clock.armed).toBe(2);
    fn.calls[0]!.resolve();
    await reactions();
    expect(fn.mock.calls).toEqual([['a']]);
    await clock.advance(10);
    expect(fn.mock.calls).toEqual([['a'], ['b']]);
    fn.calls[1]!.resolve();
    await clock.advance(10);
    expect(fn.mock.calls).toEqual([['a'], ['b'], ['c']]);
    expect(clock.armed).toBe(0);
  });

  it('is left in time, and then looked after no more', async () => {
    const { clock, wrapped } = setUp({ maxConcurrent: 1, maxQueue: 2, maxWait: 100 });
    void wrapped('a');
    expect(await rejectionOf(clock.until(wrapped('b')))).toMatchObject({ code: 'BREAKER_BULKHEAD_FULL', queued: 0 });
    await clock.advance(100);
    expect(clock.armed).toBe(0);
  });
});
