import { getEventListeners } from 'node:events';
import { BreakerRegistry, currentCall, withPolicies, withRetry, type RetryOptions } from '../../lib';
import { rejectionOf } from '../composition/support/flaky';
import { TimerClock } from '../support/timer-clock';

/** A stream that goes through a script at each attempt: items are yielded, errors thrown. */
function setUp(scripts: unknown[][], given: RetryOptions = {}) {
  const clock = new TimerClock();
  let attempts = 0;
  let closed = 0;
  async function* download(): AsyncGenerator<unknown, string> {
    const script = scripts[Math.min(attempts++, scripts.length - 1)]!;
    try {
      for (const step of script) {
        if (step instanceof Error) throw step;
        yield step;
      }
      return 'end';
    } finally {
      closed++;
    }
  }
  const options = { baseDelay: 10, jitter: false, ...given };
  const wrapped = withPolicies(download, { retry: options, breaker: {}, clock, registry: new BreakerRegistry() });
  return { clock, wrapped, breaker: wrapped.breaker!, attempts: () => attempts, closed: () => closed };
}

async function collect(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

const down = new Error('down');

describe('a retry of a stream', () => {
  it('starts it again while nothing was yielded', async () => {
    const { clock, wrapped, attempts, breaker } = setUp([[down], [down], ['a', 'b']]);
    expect(await clock.until(collect(wrapped()))).toEqual(['a', 'b']);
    expect(attempts()).toBe(3);
    expect(breaker.stats).toMatchObject({ calls: 3, failures: 2, successes: 1 });
  });

  it('does not start it again once an item was yielded', async () => {
    const { clock, wrapped, attempts, breaker } = setUp([['a', down], ['a', 'b']]);
    const stream = wrapped();
    expect(await stream.next()).toEqual({ done: false, value: 'a' });
    expect(await rejectionOf(clock.until(stream.next()))).toBe(down);
    expect(attempts()).toBe(1);
    expect(breaker.stats).toMatchObject({ calls: 1, failures: 1 });
    expect(clock.delays).toEqual([]);
  });

  it('gives up with the last error, after which the stream has ended', async () => {
    const { clock, wrapped, attempts } = setUp([[down]]);
    const stream = wrapped();
    expect(await rejectionOf(clock.until(stream.next()))).toBe(down);
    expect(attempts()).toBe(3);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  it('does not ask handleResult about a stream', async () => {
    const handleResult = jest.fn(() => true);
    const { clock, wrapped } = setUp([['a']], { handleResult });
    expect(await clock.until(collect(wrapped()))).toEqual(['a']);
    expect(handleResult).not.toHaveBeenCalled();
  });

  it('ends at once when its consumer returns during a wait', async () => {
    const { clock, wrapped, attempts, breaker } = setUp([[down]]);
    const stream = wrapped();
    const first = stream.next();
    await clock.advance(5);
    expect(clock.armed).toBe(1);

    expect(await stream.return('enough')).toEqual({ done: true, value: 'enough' });

    expect(await first).toEqual({ done: true, value: undefined });
    expect([clock.armed, attempts()]).toEqual([0, 1]);
    expect(breaker.stats).toMatchObject({ failures: 1, ignored: 0, rejected: 0 });
  });

  it('takes down-levelled and home-made streams that are said to be streams', async () => {
    const clock = new TimerClock();
    let attempts = 0;
    const numbers = () => ({
      [Symbol.asyncIterator]: () => {
        let n = 0;
        attempts++;
        return { next: async () => (attempts === 1 ? Promise.reject(down) : { done: n === 2, value: n++ }) };
      },
    });
    const wrapped = withRetry(numbers as () => AsyncIterable<number>, { stream: true, clock, baseDelay: 1 });
    expect(await clock.until(collect(wrapped()))).toEqual([0, 1]);
    expect(attempts).toBe(2);
  });

  it('follows its signal to the end of the stream: an abort after an item reaches the function, and is ignored', async () => {
    const controller = new AbortController();
    const reason = new Error('left');
    let seen: AbortSignal | undefined;
    const wrapped = withPolicies(
      async function* () {
        seen = currentCall()!.signal!;
        yield 'a';
        if (seen.aborted) throw new Error('interrupted');
        yield 'b';
      },
      { retry: { signal: controller.signal }, breaker: {}, registry: new BreakerRegistry() },
    );
    const stream = wrapped();
    await stream.next();

    controller.abort(reason);

    expect(seen!.reason).toBe(reason);
    expect(await rejectionOf(stream.next())).toBe(reason);
    expect(wrapped.breaker!.stats).toMatchObject({ calls: 1, ignored: 1, failures: 0 });
  });

  it.each([
    ['is read to its end', collect],
    ['is left', async (stream: AsyncGenerator<unknown>) => {
      for await (const _item of stream) break;
    }],
    ['fails', async (stream: AsyncGenerator<unknown>) => {
      await stream.next();
      await stream.throw(new Error('of the consumer')).catch(() => undefined);
    }],
  ])('leaves no listener on its signal when it %s', async (_how, consume) => {
    const { signal } = new AbortController();
    const { wrapped } = setUp([['a', 'b']], { signal });
    await consume(wrapped());
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});
