import { getEventListeners } from 'node:events';
import { runInNewContext } from 'node:vm';
import { BreakerRegistry, bulkhead, callWith, circuitBreaker, currentCall, enableCallContext, retry, timeout, withBreaker, withPolicies, withRetry } from '../../../lib';
import { rejectionOf } from '../../composition/support/flaky';
import { TimerClock } from '../../support/timer-clock';

function setUp() {
  const clock = new TimerClock();
  const controller = new AbortController();
  const reason = new Error('the client has left');
  const { signal } = controller;
  return { clock, registry: new BreakerRegistry({ clock }), controller, reason, signal, listeners: () => getEventListeners(signal, 'abort').length };
}

const down = async (): Promise<never> => { throw new Error('down'); };
const never = (): Promise<never> => new Promise<never>(jest.fn());

describe('rule 43: a signal for one call', () => {
  it('ends the wait of a retry, and the function does not run again', async () => {
    const { clock, registry, controller, reason, signal, listeners } = setUp();
    const fn = jest.fn(async (_id: string, _options: { signal: AbortSignal }): Promise<never> => { throw new Error('503'); });
    const load = withRetry(fn, { registry, baseDelay: 1000, signal: (_id: string, given: { signal: AbortSignal }) => given.signal });
    const call = load('a', { signal });
    await clock.advance(10);
    expect(clock.armed).toBe(1);

    controller.abort(reason);

    expect(await rejectionOf(call)).toBe(reason);
    expect(fn).toHaveBeenCalledTimes(1);
    expect([clock.armed, listeners()]).toEqual([0, 0]);
  });

  it('ends a place in a queue', async () => {
    const { registry, controller, reason, signal, listeners } = setUp();
    const load = withPolicies(never as (signal?: AbortSignal) => Promise<never>, [bulkhead({ maxConcurrent: 1, maxQueue: 1, registry, signal: (given?: AbortSignal) => given })]);
    void load();
    const waiting = load(signal);
    controller.abort(reason);
    expect(await rejectionOf(waiting)).toBe(reason);
    expect(listeners()).toBe(0);
  });

  it('is that of the attempt, under a timeout too, and counts for nothing', async () => {
    const { registry, controller, reason, signal } = setUp();
    let seen: AbortSignal | undefined;
    const fn = (): Promise<never> => new Promise((_resolve, reject) => {
      seen = currentCall()!.signal;
      seen!.addEventListener('abort', () => { reject(seen!.reason as Error); });
    });
    const load = withPolicies(fn, [circuitBreaker({ registry, signal }), timeout('1m')]);
    const call = load();
    controller.abort(reason);
    expect(await rejectionOf(call)).toBe(reason);
    expect([seen!.aborted, load.breaker!.stats.ignored, load.breaker!.stats.failures]).toEqual([true, 1, 0]);
  });

  it('that is aborted before leaves nothing to run', async () => {
    const { registry, controller, reason, signal } = setUp();
    controller.abort(reason);
    const fn = jest.fn(async () => 'it');
    const load = withBreaker(fn, { registry, signal });
    expect(await rejectionOf(load())).toBe(reason);
    expect([fn.mock.calls.length, load.breaker!.stats.calls]).toEqual([0, 0]);
  });

  it('ends together with that of the call around, and nothing stays on either', async () => {
    const outer = setUp();
    const inner = setUp();
    const load = withRetry(down, { clock: outer.clock, registry: outer.registry, baseDelay: 1000, signal: inner.signal });
    for (const { controller, reason } of [outer, inner]) {
      const call = callWith({ signal: outer.signal }, load);
      await outer.clock.advance(10);
      expect([outer.listeners(), inner.listeners()]).toEqual([1, 1]);
      if (controller === inner.controller) controller.abort(reason);
      else {
        await outer.clock.advance(100_000);
        expect(await rejectionOf(call)).toMatchObject({ message: 'down' });
        expect([outer.listeners(), inner.listeners()]).toEqual([0, 0]);
        continue;
      }
      expect(await rejectionOf(call)).toBe(reason);
      expect(outer.listeners()).toBe(0);
    }
  });

  it('is each of those that the policies of a stack name', async () => {
    const { clock, registry, controller, reason, signal } = setUp();
    const load = withPolicies(down, [retry({ registry, baseDelay: 1000, signal: new AbortController().signal }), circuitBreaker({ signal: () => signal })]);
    const call = load();
    await clock.advance(10);
    controller.abort(reason);
    expect(await rejectionOf(call)).toBe(reason);
  });

  it('ends a stream', async () => {
    const { registry, controller, reason, signal, listeners } = setUp();
    const load = withBreaker(async function* (_given: AbortSignal): AsyncGenerator<number> {
      yield 1;
      const own = currentCall()!.signal!;
      await new Promise((_resolve, reject) => { own.addEventListener('abort', () => { reject(own.reason as Error); }); });
    }, { registry, signal: (given: AbortSignal) => given });
    const stream = load(signal);
    expect(await stream.next()).toEqual({ done: false, value: 1 });
    const next = stream.next();
    controller.abort(reason);
    expect(await rejectionOf(next)).toBe(reason);
    expect(listeners()).toBe(0);
  });

  it('rejects with what its function throws, and where it gives no signal', async () => {
    const registry = new BreakerRegistry();
    const throwing = withBreaker(async () => 'it', { registry, signal: () => { throw new Error('no'); } });
    await expect(throwing()).rejects.toThrow('no');
    const wrong = withBreaker(async () => 'it', { name: 'wrong', registry, signal: (() => 5) as never });
    await expect(wrong()).rejects.toThrow("signal: must give an AbortSignal, or undefined; received 5");
    const none = withBreaker(async () => 'it', { registry, signal: () => undefined });
    expect(await none()).toBe('it');
  });

  it('may be for a whole stack: as an option beside its policies', async () => {
    const { registry, controller, reason, signal } = setUp();
    controller.abort(reason);
    const load = withPolicies(async () => 'it', { registry, signal: () => signal, retry: {}, breaker: {} });
    expect(await rejectionOf(load())).toBe(reason);
  });
});

describe('callWith', () => {
  it('gives its signal to the protected calls in a function', async () => {
    const { clock, registry, controller, reason, signal, listeners } = setUp();
    const load = withRetry(down, { registry, baseDelay: 1000 });
    const call = callWith({ signal }, () => load());
    await clock.advance(10);
    controller.abort(reason);
    expect(await rejectionOf(call)).toBe(reason);
    expect([clock.armed, listeners()]).toEqual([0, 0]);
  });

  it('ends calls at a deadline', async () => {
    const load = withRetry(down, { registry: new BreakerRegistry(), maxAttempts: Infinity, baseDelay: 1, maxDelay: 1, jitter: false });
    const error = await rejectionOf(callWith({ deadline: performance.now() + 20 }, () => load()));
    expect(['down', 'The deadline of the call has passed']).toContain((error as Error).message);
    const late = await rejectionOf(callWith({ deadline: performance.now() - 1 }, () => load()));
    expect(late).toMatchObject({ name: 'TimeoutError' });
  });

  it('is the call that its function is in', () => {
    const { signal } = new AbortController();
    expect(callWith({ signal, deadline: 5e9 }, () => currentCall())).toMatchObject({ deadline: 5e9 });
    expect(callWith({ signal }, () => currentCall()?.signal)).toBe(signal);
    expect(currentCall()).toBeUndefined();
  });

  it('returns what its function returns, and refuses what is wrong', () => {
    expect(callWith({}, () => 5)).toBe(5);
    expect(() => callWith({ signal: 5 as never, deadline: NaN }, 5 as never)).toThrow(/signal: must be an AbortSignal.*\n.*deadline: must be a moment.*\n.*fn: must be a function/);
  });

  it('rule 42: leaves nothing on a signal when its function is synchronous', async () => {
    const { clock, registry, controller, reason, signal, listeners } = setUp();
    const load = withRetry(down, { registry, baseDelay: 1000 });
    const deadline = performance.now() + 60_000;
    expect(callWith({ signal, deadline }, () => 5)).toBe(5);
    expect(callWith({ signal }, () => callWith({ signal: new AbortController().signal }, () => 6))).toBe(6);
    expect(listeners()).toBe(0);

    // What it has begun still ends with the signal.
    const { call } = callWith({ signal, deadline }, () => ({ call: load() }));
    await clock.advance(10);
    controller.abort(reason);
    expect(await rejectionOf(call)).toBe(reason);
    expect(listeners()).toBe(0);
    expect(callWith({ signal, deadline }, () => currentCall()?.signal?.reason)).toBe(reason);
  });

  it('rule 42: the signal that a synchronous function asks for follows nothing after its return', () => {
    const { controller, reason, signal, listeners } = setUp();
    const deadline = performance.now() + 60_000;
    const { signal: longLived } = new AbortController();
    const ask = (): AbortSignal => currentCall()!.signal!;
    const signals = [
      callWith({ signal, deadline }, ask),
      callWith({ signal: longLived }, () => callWith({ signal }, ask)),
      callWith({ signal, deadline }, () => currentCall()!).signal!,
    ];
    let aborted = signal;
    callWith({ signal, deadline }, () => {
      aborted = ask();
      expect(listeners()).toBe(1);
      expect(ask()).toBe(aborted);
    });
    expect([listeners(), getEventListeners(longLived, 'abort').length]).toEqual([0, 0]);

    const { call } = callWith({ signal, deadline }, () => {
      aborted = ask();
      const kept = currentCall()!;
      controller.abort(reason);
      return { call: kept };
    });
    expect([aborted.reason, call.signal!.reason]).toEqual([reason, reason]);
    expect(signals.map((one) => one.aborted)).toEqual([false, false, false]);
  });

  it('rule 42: the signal that an asynchronous function asks for follows until its end', async () => {
    const { controller, reason, signal, listeners } = setUp();
    const deadline = performance.now() + 60_000;
    let own: AbortSignal | undefined;
    let end!: () => void;
    const call = callWith({ signal, deadline }, () => {
      own = currentCall()!.signal!;
      return new Promise<void>((resolve) => { end = resolve; });
    });
    expect(listeners()).toBe(1);
    end();
    await call;
    expect(listeners()).toBe(0);
    controller.abort(reason);
    expect(own!.aborted).toBe(false);
  });

  describe('whose function returns a thenable', () => {
    beforeEach(() => { jest.useFakeTimers(); });
    afterEach(() => { jest.useRealTimers(); });

    it('of another realm ends at the deadline, and leaves no timer when it has settled', async () => {
      let end!: () => void;
      const fn = runInNewContext('(start) => new Promise(start)') as (start: (resolve: () => void) => void) => Promise<void>;
      let own: AbortSignal | undefined;
      const foreign = callWith({ deadline: performance.now() + 1000 }, () => fn((resolve) => { own = currentCall()!.signal; end = resolve; }));
      expect(foreign).not.toBeInstanceOf(Promise);
      expect(jest.getTimerCount()).toBe(1);
      end();
      await foreign;
      expect(jest.getTimerCount()).toBe(0);
      expect(own!.aborted).toBe(false);

      void callWith({ deadline: performance.now() + 1000 }, () => fn(() => { own = currentCall()!.signal; }));
      jest.advanceTimersByTime(1000);
      expect(own!.reason).toMatchObject({ name: 'TimeoutError' });
    });

    it('that runs when it is waited for is not run, and what it began ends at the deadline', () => {
      const { signal, listeners } = setUp();
      const then = jest.fn();
      let own: AbortSignal | undefined;
      const query = { then };
      expect(callWith({ signal, deadline: performance.now() + 1000 }, () => {
        own = currentCall()!.signal;
        return query;
      })).toBe(query);
      expect(then).not.toHaveBeenCalled();
      jest.advanceTimersByTime(1000);
      expect(own!.reason).toMatchObject({ name: 'TimeoutError' });
      expect([listeners(), jest.getTimerCount()]).toEqual([0, 0]);
    });
  });

  it('leaves no timer behind when its function throws', () => {
    jest.useFakeTimers();
    try {
      const error = new Error('the function is wrong');
      expect(() => callWith({ deadline: performance.now() + 1000 }, () => { throw error; })).toThrow(error);
      expect(jest.getTimerCount()).toBe(0);
    } finally {
      jest.useRealTimers();
    }
  });

  it('holds across awaits after enableCallContext', async () => {
    enableCallContext();
    const { registry, controller, reason, signal } = setUp();
    const load = withBreaker(async () => 'it', { registry, signal: () => undefined });
    controller.abort(reason);
    const call = callWith({ signal }, async () => {
      await Promise.resolve();
      return load();
    });
    expect(await rejectionOf(call)).toBe(reason);
  });
});
