import {
  BreakerRegistry, currentCall, OperationTimeoutError, withBreaker, withPolicies, withRetry, type BreakerOptions, type RetryOptions,
} from '../../lib';
import { pending, rejectionOf, scripted, works } from '../composition/support/flaky';
import { reactions, TimerClock } from '../support/timer-clock';

function setUp(retry: RetryOptions = {}, breaker: BreakerOptions = {}) {
  const clock = new TimerClock();
  const fn = pending();
  const signals: AbortSignal[] = [];
  const wrapped = withPolicies(
    async () => {
      signals.push(currentCall()!.signal!);
      return fn();
    },
    {
      name: 'users.fetch', clock, registry: new BreakerRegistry(), breaker,
      retry: { attemptTimeout: 100, baseDelay: 10, jitter: false, ...retry },
    },
  );
  return { clock, fn, signals, wrapped, breaker: wrapped.breaker! };
}

describe('attemptTimeout', () => {
  it('rejects an attempt that takes too long, and aborts its signal with the same error', async () => {
    const { clock, signals, wrapped } = setUp({ maxAttempts: 1 });
    const error = await rejectionOf(clock.until(wrapped()));
    expect(error).toBeInstanceOf(OperationTimeoutError);
    expect(error).toMatchObject({ code: 'BREAKER_TIMEOUT', operation: 'users.fetch', timeout: 100 });
    expect(signals[0]!.aborted).toBe(true);
    expect(signals[0]!.reason).toBe(error);
    expect(clock.now()).toBe(100);
  });

  it('is for each attempt by itself, with a signal of its own', async () => {
    const { clock, fn, signals, wrapped } = setUp({ maxAttempts: 2 });
    const call = wrapped();
    await clock.advance(110);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    await clock.advance(99);
    fn.calls[1]!.resolve('second');
    expect(await call).toBe('second');
    expect(signals[1]!.aborted).toBe(false);
    expect(clock.armed).toBe(0);
  });

  it('is a failure for the breaker around it', async () => {
    const { clock, wrapped, breaker } = setUp({ maxAttempts: 5 }, { failureThreshold: 2 });
    expect(await rejectionOf(clock.until(wrapped()))).toBeInstanceOf(OperationTimeoutError);
    expect(breaker.state).toBe('open');
    expect(breaker.stats).toMatchObject({ calls: 2, failures: 2, ignored: 0 });
  });

  it('is a failure whatever handle says, also when the function answers the abort with an AbortError', async () => {
    const clock = new TimerClock();
    const wrapped = withPolicies(
      () =>
        new Promise((_resolve, reject) => {
          const { signal } = currentCall()!;
          signal!.addEventListener('abort', () => {
            reject(new DOMException('aborted', 'AbortError'));
          });
        }),
      { clock, retry: { attemptTimeout: 100, maxAttempts: 1 }, breaker: { handle: TypeError } },
    );
    expect(await rejectionOf(clock.until(wrapped()))).toBeInstanceOf(OperationTimeoutError);
    expect(wrapped.breaker!.stats).toMatchObject({ failures: 1, ignored: 0 });
  });

  it('drops what the attempt gives later', async () => {
    const { clock, fn, wrapped, breaker } = setUp({ maxAttempts: 2 });
    const call = wrapped();
    await clock.advance(110);
    fn.calls[0]!.resolve('too late');
    await reactions();
    fn.calls[1]!.resolve('in time');
    expect(await call).toBe('in time');
    expect(breaker.stats).toMatchObject({ calls: 2, failures: 1, successes: 1, late: 0 });
  });

  it('does not leave a late rejection unhandled', async () => {
    const unhandled = jest.fn();
    process.on('unhandledRejection', unhandled);
    const { clock, fn, wrapped } = setUp({ maxAttempts: 1 });
    await rejectionOf(clock.until(wrapped()));
    fn.calls[0]!.reject(new Error('too late'));
    await reactions();
    await reactions();
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  it('clears its timer when the attempt settles in time', async () => {
    const clock = new TimerClock();
    await withRetry(scripted(works()), { attemptTimeout: 100, clock })();
    expect([clock.delays, clock.armed]).toEqual([[100], 0]);
  });

  it('of an outer operation, which cuts an inner one short, is ignored by the inner breaker', async () => {
    const clock = new TimerClock();
    const inner = withBreaker(
      () =>
        new Promise((_resolve, reject) => {
          currentCall()!.signal!.addEventListener('abort', () => {
            reject(new Error('cut short'));
          });
        }),
      { name: 'inner', clock, registry: new BreakerRegistry() },
    );
    const outer = withRetry(async () => inner(), { name: 'outer', attemptTimeout: 50, maxAttempts: 1, clock, registry: new BreakerRegistry() });
    const error = await rejectionOf(clock.until(outer()));
    await reactions();
    expect(error).toMatchObject({ operation: 'outer' });
    expect(inner.breaker!.stats).toMatchObject({ ignored: 1, failures: 0 });
    expect(outer.breaker!.stats).toMatchObject({ failures: 1 });
  });

  it('follows the abort of the call around it', async () => {
    const controller = new AbortController();
    const { clock, fn, signals, wrapped, breaker } = setUp({ signal: controller.signal });
    const call = wrapped();
    const reason = new Error('left');
    controller.abort(reason);
    expect(signals[0]!.reason).toBe(reason);
    fn.calls[0]!.reject(reason);
    expect(await rejectionOf(call)).toBe(reason);
    expect(breaker.stats).toMatchObject({ ignored: 1, failures: 0 });
    expect(clock.armed).toBe(0);
  });
});

describe('attemptTimeout of a stream', () => {
  function streaming(waits: number[], retry: RetryOptions = {}) {
    const clock = new TimerClock();
    const closed: string[] = [];
    let attempts = 0;
    async function* download(): AsyncGenerator<string> {
      const attempt = ++attempts;
      try {
        for (const [n, waitMs] of waits.entries()) {
          await new Promise<void>((resolve) => {
            clock.setTimeout(resolve, waitMs);
          });
          yield `item ${n}`;
        }
      } finally {
        closed.push(`attempt ${attempt}`);
      }
    }
    const wrapped = withPolicies(download, {
      clock, registry: new BreakerRegistry(), breaker: {},
      retry: { attemptTimeout: 100, maxAttempts: 2, baseDelay: 10, jitter: false, ...retry },
    });
    return { clock, closed, wrapped, breaker: wrapped.breaker!, attempts: () => attempts };
  }

  it('bounds each wait for an item, not the time of the consumer', async () => {
    const { clock, wrapped, breaker } = streaming([90, 90, 90]);
    const items: string[] = [];
    const consuming = (async () => {
      for await (const item of wrapped()) {
        items.push(item);
        await new Promise<void>((resolve) => {
          clock.setTimeout(resolve, 5000);
        });
      }
    })();
    await clock.until(consuming);
    expect(items).toEqual(['item 0', 'item 1', 'item 2']);
    expect(breaker.stats).toMatchObject({ successes: 1, failures: 0 });
    expect(clock.armed).toBe(0);
  });

  it('fails the stream when an item comes too late, and closes it', async () => {
    const { clock, closed, wrapped, breaker, attempts } = streaming([10, 500]);
    const stream = wrapped();
    expect(await clock.until(stream.next())).toEqual({ done: false, value: 'item 0' });
    expect(await rejectionOf(clock.until(stream.next()))).toBeInstanceOf(OperationTimeoutError);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    expect(breaker.stats).toMatchObject({ failures: 1 });
    expect(attempts()).toBe(1);

    await clock.advance(1000);
    expect(closed).toEqual(['attempt 1']);
  });

  it('tries a stream again whose first item comes too late, and closes the late one', async () => {
    const { clock, closed, wrapped, breaker, attempts } = streaming([150]);
    expect(await rejectionOf(clock.until(wrapped().next()))).toBeInstanceOf(OperationTimeoutError);
    expect(attempts()).toBe(2);
    expect(breaker.stats).toMatchObject({ failures: 2 });

    await clock.advance(1000);
    expect(closed).toEqual(['attempt 1', 'attempt 2']);
  });

  it('leaves no timer when the stream throws instead of rejecting', async () => {
    const clock = new TimerClock();
    const broken = new Error('thrown at once');
    let begun = false;
    const next = (): Promise<IteratorResult<string>> => {
      if (begun) throw broken;
      begun = true;
      return Promise.resolve({ done: false, value: 'item 0' });
    };
    const wrapped = withPolicies((): AsyncIterable<string> => ({ [Symbol.asyncIterator]: () => ({ next }) }), {
      clock, registry: new BreakerRegistry(), breaker: { stream: true }, retry: { attemptTimeout: 100, maxAttempts: 1 },
    });
    const stream = wrapped()[Symbol.asyncIterator]();
    await stream.next();
    expect(await rejectionOf(stream.next())).toBe(broken);
    expect(clock.armed).toBe(0);
    expect(wrapped.breaker!.stats).toMatchObject({ calls: 1, failures: 1 });
  });
});
