import {
  BulkheadFullError, BreakerRegistry, isBreakerBoxError, withPolicies, withRegistry, type BulkheadOptions,
} from '../../lib';
import { pending, rejectionOf } from '../composition/support/flaky';
import { ManualClock } from '../support/manual-clock';
import { reactions, TimerClock } from '../support/timer-clock';
import { setUp, watch } from './support/testbed';

describe('a bulkhead', () => {
  it('lets as many calls run as it has slots, and rejects the others at once', async () => {
    const { fn, wrapped } = setUp(2);
    const running = [wrapped('a'), wrapped('b')];
    const error = await rejectionOf(wrapped('c'));

    expect(error).toBeInstanceOf(BulkheadFullError);
    expect(error).toMatchObject({ code: 'BREAKER_BULKHEAD_FULL', operation: 'users.fetch', running: 2, queued: 0 });
    expect(isBreakerBoxError(error)).toBe(true);
    expect(fn.mock.calls).toEqual([['a'], ['b']]);

    fn.calls[0]!.resolve('A');
    expect(await running[0]).toBe('A');
    void wrapped('d');
    expect(fn.mock.calls).toEqual([['a'], ['b'], ['d']]);
  });

  it('rejects with a fresh error each time, without the cost of its stack', async () => {
    const { wrapped } = setUp(1);
    void wrapped();
    const [one, other] = [await rejectionOf(wrapped()), await rejectionOf(wrapped())] as [Error, Error];
    expect(one).not.toBe(other);
    expect(one.stack).toBe('BulkheadFullError: 1 calls of users.fetch are running and 0 waiting: no room for another one');
  });

  it('rule 50: rejects with a stack that leads to the caller where rejectionStacks asks for it', async () => {
    const { wrapped } = setUp({ maxConcurrent: 1, rejectionStacks: true });
    void wrapped();
    expect(((await rejectionOf(wrapped())) as Error).stack).toMatch(/slots\.spec/);
  });

  it('gives the slot back when the function rejects, and when it throws at once', async () => {
    const fn = jest.fn((how: string): Promise<string> => {
      if (how === 'throws') throw new Error('thrown');
      return how === 'rejects' ? Promise.reject(new Error('rejected')) : Promise.resolve(how);
    });
    const wrapped = withPolicies(fn, { bulkhead: 1, registry: new BreakerRegistry() });
    for (const message of ['thrown', 'rejected', 'thrown']) {
      expect(await rejectionOf(wrapped(message === 'thrown' ? 'throws' : 'rejects'))).toMatchObject({ message });
    }
    expect(await wrapped('works')).toBe('works');
  });

  it('is ignored by the breaker when it rejects, whose own calls it does not hide (rule 2)', async () => {
    const { fn, registry, wrapped } = setUp(1);
    const call = wrapped();
    await rejectionOf(wrapped());
    fn.calls[0]!.reject(new Error('down'));
    await rejectionOf(call);
    expect(registry.get('users.fetch')!.stats).toMatchObject({ failures: 1, ignored: 1 });
  });

  it('is not retried by default when it is full', async () => {
    const clock = new TimerClock();
    const fn = pending();
    const wrapped = withPolicies(fn, { clock, registry: new BreakerRegistry(), retry: { maxAttempts: 3 }, bulkhead: 1 });
    void wrapped();
    expect(await rejectionOf(wrapped())).toBeInstanceOf(BulkheadFullError);
    expect([clock.delays, fn.mock.calls.length]).toEqual([[], 1]);
  });

  it('holds a slot while an attempt runs, not while its call waits for the next', async () => {
    const clock = new TimerClock();
    const fn = pending();
    const wrapped = withPolicies(fn, {
      clock, registry: new BreakerRegistry(), retry: { maxAttempts: 2, baseDelay: 100, jitter: false }, bulkhead: 1,
    });
    const retried = wrapped('retried');
    fn.calls[0]!.reject(new Error('down'));
    await reactions();
    const other = wrapped('other');
    fn.calls[1]!.resolve('other');
    expect(await other).toBe('other');
    await clock.advance(100);
    fn.calls[2]!.resolve('retried');
    expect(await retried).toBe('retried');
  });

  it('is free again when a timeout inside it abandons the call, though its work may go on', async () => {
    const clock = new TimerClock();
    const fn = pending();
    const wrapped = withPolicies(fn, { clock, registry: new BreakerRegistry(), bulkhead: 1, timeout: { duration: 50, mode: 'abandon' } });
    expect(await rejectionOf(clock.until(wrapped()))).toMatchObject({ code: 'BREAKER_TIMEOUT' });
    void wrapped().catch(() => undefined);
    expect(fn).toHaveBeenCalledTimes(2);
    await clock.advance(50);
    expect(clock.armed).toBe(0);
  });

  it('reads no clock and arms no timer for a call that finds a slot', async () => {
    const clock = new ManualClock();
    const now = jest.fn(clock.now);
    const wrapped = withPolicies(async () => 'it', {
      registry: new BreakerRegistry(), bulkhead: { maxConcurrent: 1, maxQueue: 5, maxWait: 10, clock: { ...clock, now } as never },
    });
    await wrapped();
    expect(now).not.toHaveBeenCalled();
  });

  it('keeps its slots when the operation leaves its registry, or the ambient registry changes and comes back', async () => {
    const { registry } = setUp(1);
    const fn = pending();
    const wrapped = withPolicies(fn, { name: 'moved', bulkhead: 1 });
    const call = withRegistry(registry, () => wrapped());
    const other = new BreakerRegistry();
    void withRegistry(other, () => wrapped());
    expect(fn).toHaveBeenCalledTimes(2);
    registry.delete('moved');
    expect(await rejectionOf(withRegistry(registry, () => wrapped()))).toBeInstanceOf(BulkheadFullError);
    fn.calls[0]!.resolve('first');
    await call;
    void withRegistry(registry, () => wrapped());
    expect(fn).toHaveBeenCalledTimes(3);
  });

  it('of one options object that several functions share is one for each of them', async () => {
    const options: BulkheadOptions = { maxConcurrent: 1 };
    const [one, other] = [pending(), pending()];
    const registry = new BreakerRegistry();
    void withPolicies(one, { registry, bulkhead: options })();
    void withPolicies(other, { registry, bulkhead: options })();
    expect([one.mock.calls.length, other.mock.calls.length]).toEqual([1, 1]);
  });
});

describe('bulkheads by key', () => {
  const byHost = { maxConcurrent: 1, maxQueue: 1, key: (host: string) => host };

  it('are apart: a slow host does not take the slots of the others', async () => {
    const { fn, wrapped, events } = setUp(byHost);
    void wrapped('slow');
    const queued = watch(wrapped('slow'));
    const error = await rejectionOf(wrapped('slow'));
    void wrapped('constructor');
    expect(error).toMatchObject({ key: 'slow', running: 1, queued: 1 });
    expect((error as Error).message).toContain('users.fetch[slow]');
    expect(events).toMatchObject([{ key: 'slow', reason: 'full' }]);
    expect(fn.mock.calls).toEqual([['slow'], ['constructor']]);
    fn.calls[1]!.resolve();
    await reactions();
    expect(queued.state).toBe('pending');
    fn.calls[0]!.resolve();
    await reactions();
    expect(fn.mock.calls).toEqual([['slow'], ['constructor'], ['slow']]);
  });

  it('are bounded: busy ones are never dropped for room, new keys then share one', async () => {
    const { fn, wrapped } = setUp({ ...byHost, maxQueue: 0, maxKeys: 1 });
    void wrapped('a');
    void wrapped('b');
    expect(await rejectionOf(wrapped('c'))).toMatchObject({ running: 1, key: undefined });
    expect(await rejectionOf(wrapped('a'))).toMatchObject({ running: 1, key: 'a' });
    expect(fn).toHaveBeenCalledTimes(2);
  });

  it('reject a call without a key', async () => {
    const { fn, wrapped } = setUp({ ...byHost, key: () => 7 as never });
    expect(await rejectionOf(wrapped('a'))).toMatchObject({ code: 'BREAKER_CONFIG' });
    expect(fn).not.toHaveBeenCalled();
  });
});
