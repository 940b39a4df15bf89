import { getEventListeners } from 'node:events';
import { Breaker, BreakerRegistry, withBreaker } from '../../lib';
import { settled } from '../breaker/testbed';

/** A protected stream of numbers, under the hand of the spec. */
function createStream(produce: () => AsyncIterable<number>, stream?: true) {
  const registry = new BreakerRegistry();
  const numbers = withBreaker(produce, { name: 'numbers', registry, ...(stream && { stream }) }) as unknown as () => AsyncGenerator<number>;
  return { numbers, stats: () => registry.get('numbers')!.stats };
}

/** A stream of one item; whatever is asked of it afterwards throws, where it should reject. */
function brokenAfterOne(broken: Error): AsyncIterable<number> {
  let begun = false;
  const iterator: AsyncIterator<number> = {
    next() {
      if (begun) throw broken;
      begun = true;
      return Promise.resolve({ value: 1, done: false });
    },
    throw() {
      throw broken;
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}

describe('A protected stream', () => {
  // Not `yield* [1, 2, 3]`: since Node 24 a throw into that is answered with a TypeError, because an array has no `throw`.
  async function* three() {
    for (const item of [1, 2, 3]) yield item;
  }

  it('has its items asked for side by side, in order', async () => {
    const { numbers, stats } = createStream(three);
    const stream = numbers();

    const items = await Promise.all([stream.next(), stream.next(), stream.next(), stream.next()]);

    expect(items.map(({ value, done }) => [value, done])).toEqual([[1, false], [2, false], [3, false], [undefined, true]]);
    expect(stats()).toMatchObject({ calls: 1, successes: 1 });
  });

  it('has ended for good when it has ended', async () => {
    const { numbers, stats } = createStream(three);
    const stream = numbers();
    for await (const _item of stream);

    await expect(stream.next()).resolves.toEqual({ value: undefined, done: true });
    await expect(stream.return(5)).resolves.toEqual({ value: 5, done: true });

    expect(stats().calls).toBe(1);
  });

  it('never begins when it is returned or left before the first item was asked for', async () => {
    const started = jest.fn(three);
    const { numbers, stats } = createStream(started, true);
    const stream = numbers();

    await stream.return(undefined);
    await expect(stream.next()).resolves.toEqual({ value: undefined, done: true });

    expect(started).not.toHaveBeenCalled();
    expect(stats().calls).toBe(0);
  });

  it('ignores a stream that its consumer leaves while the first item is on its way', async () => {
    let release!: () => void;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const closed = jest.fn();
    const { numbers, stats } = createStream(async function* () {
      try {
        await gate;
        yield 1;
      } finally {
        closed();
      }
    });
    const stream = numbers();
    const first = stream.next();
    const left = stream.return(undefined);
    release();

    await expect(first).resolves.toEqual({ value: undefined, done: true });
    await expect(left).resolves.toEqual({ value: undefined, done: true });
    await settled();

    expect(stats()).toMatchObject({ calls: 1, ignored: 1 });
    expect(closed).toHaveBeenCalledTimes(1);
  });

  it('counts a success when its consumer leaves after an item', async () => {
    const { numbers, stats } = createStream(three);
    for await (const _item of numbers()) break;

    expect(stats()).toMatchObject({ calls: 1, successes: 1 });
  });

  it('counts a failure when its cleanup throws', async () => {
    const error = new Error('cleanup');
    const { numbers, stats } = createStream(async function* () {
      try {
        yield 1;
      } finally {
        throw error;
      }
    });
    const stream = numbers();
    await stream.next();

    await expect(stream.return(undefined)).rejects.toBe(error);

    expect(stats()).toMatchObject({ calls: 1, failures: 1, successes: 0 });
  });

  it('ignores an error that the consumer throws into it and that comes back', async () => {
    const { numbers, stats } = createStream(three);
    const stream = numbers();
    await stream.next();
    const error = new Error('of the consumer');

    await expect(stream.throw(error)).rejects.toBe(error);
    await expect(stream.next()).resolves.toMatchObject({ done: true });

    expect(stats()).toMatchObject({ calls: 1, ignored: 1, failures: 0 });
  });

  it('counts a failure when it answers an error of the consumer by one of its own', async () => {
    const own = new Error('of the stream');
    const { numbers, stats } = createStream(async function* () {
      try {
        yield 1;
      } catch {
        throw own;
      }
    });
    const stream = numbers();
    await stream.next();

    await expect(stream.throw(new Error('of the consumer'))).rejects.toBe(own);

    expect(stats()).toMatchObject({ failures: 1, ignored: 0 });
  });

  it.each([
    ['next', (stream: AsyncGenerator<number>) => stream.next()],
    ['throw', (stream: AsyncGenerator<number>) => stream.throw(new Error('of the consumer'))],
  ])('counts a failure, and has ended, when a later %s() throws instead of rejecting', async (_method, ask) => {
    const broken = new Error('thrown at once');
    const { numbers, stats } = createStream(() => brokenAfterOne(broken), true);
    const stream = numbers();
    await stream.next();

    await expect(ask(stream)).rejects.toBe(broken);
    await expect(stream.next()).resolves.toEqual({ value: undefined, done: true });

    expect(stats()).toMatchObject({ calls: 1, failures: 1 });
  });

  it('closes an iterator without throw() when its consumer throws into it', async () => {
    const closed = jest.fn(async () => ({ value: undefined, done: true as const }));
    const iterator: AsyncIterator<number> = { next: async () => ({ value: 1, done: false }), return: closed };
    const { numbers, stats } = createStream(() => ({ [Symbol.asyncIterator]: () => iterator }), true);
    const stream = numbers();
    await stream.next();
    const error = new Error('of the consumer');

    await expect(stream.throw(error)).rejects.toBe(error);

    expect(closed).toHaveBeenCalledTimes(1);
    expect(stats()).toMatchObject({ calls: 1, ignored: 1 });
  });

  it('passes the error of its consumer on when closing such an iterator fails', async () => {
    const iterator: AsyncIterator<number> = {
      next: async () => ({ value: 1, done: false }),
      return() {
        throw new Error('cleanup');
      },
    };
    const { numbers, stats } = createStream(() => ({ [Symbol.asyncIterator]: () => iterator }), true);
    const stream = numbers();
    await stream.next();
    const error = new Error('of the consumer');

    await expect(stream.throw(error)).rejects.toBe(error);

    expect(stats()).toMatchObject({ calls: 1, ignored: 1 });
  });

  it('fails once when the first item fails, for the next() that began it', async () => {
    const error = new Error('down');
    const { numbers, stats } = createStream(async function* () {
      if (stats().calls < 0) yield 1;
      throw error;
    });
    const stream = numbers();
    const [first, second] = await Promise.allSettled([stream.next(), stream.next()]);

    expect(first).toEqual({ status: 'rejected', reason: error });
    expect(second).toEqual({ status: 'fulfilled', value: { value: undefined, done: true } });
    expect(stats()).toMatchObject({ calls: 1, failures: 1 });
  });

  it('counts a success when its consumer leaves, whatever handleResult thinks of the end it did not reach', async () => {
    const breaker = withBreaker(three, { registry: new BreakerRegistry(), handleResult: (value) => value === undefined });
    for await (const _item of breaker()) break;

    expect(breaker.breaker!.stats).toMatchObject({ calls: 1, successes: 1, failures: 0 });
  });

  it('leaves no listener on the signal of the call around it when it is made and never read', async () => {
    const { signal } = new AbortController();
    const { numbers } = createStream(three);

    await new Breaker({ name: 'around' }).execute(async () => void numbers(), { signal });

    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('is its own iterator', () => {
    const stream = createStream(three).numbers();

    expect(stream[Symbol.asyncIterator]()).toBe(stream);
  });

  it.each([
    ['is read to its end', async (stream: AsyncGenerator<number>) => {
      for await (const _item of stream);
    }],
    ['is left early', async (stream: AsyncGenerator<number>) => {
      for await (const _item of stream) break;
    }],
    ['is returned before it began', async (stream: AsyncGenerator<number>) => {
      await stream.return(undefined);
    }],
    ['is thrown into before it began', async (stream: AsyncGenerator<number>) => {
      await stream.throw(new Error('of the consumer')).catch(() => undefined);
    }],
    ['fails', async (stream: AsyncGenerator<number>) => {
      await stream.next();
      await stream.throw(new Error('of the consumer')).catch(() => undefined);
    }],
  ])("leaves no listener on the signal of the call around it when it %s", async (_how, consume) => {
    const { signal } = new AbortController();
    const { numbers } = createStream(three);

    await new Breaker({ name: 'around' }).execute(() => consume(numbers()), { signal });

    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});
