import { isAsyncGeneratorFunction } from '../../lib/core/stream';
import { isOneShot } from '../../lib/core/safe-inspect';
import { BreakerRegistry, withBreaker } from '../../lib';
import { rejectionOf } from '../composition/support/flaky';

type Lines = AsyncGenerator<string, unknown, unknown>;
const protect = (make: () => unknown): (() => Lines) & { readonly breaker: { readonly stats: object } } =>
  withBreaker(make as () => Promise<unknown>, { name: 'op', registry: new BreakerRegistry(), stream: true }) as never;

/** An iterator by hand, which may lack return() and throw(). */
const iterable = (methods: object) => () => ({
  [Symbol.asyncIterator]() {
    return { next: async () => ({ done: false, value: 'item' }), ...methods };
  },
});

describe('a protected stream', () => {
  it('gives what its iterator answers to return()', async () => {
    const stream = protect(iterable({ return: async () => ({ done: true, value: 'cleaned up' }) }))();
    await stream.next();
    expect(await stream.return('left')).toEqual({ done: true, value: 'cleaned up' });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  it.each([undefined, null])('is left where its iterator answers %s to return(), and that is no failure', async (answer) => {
    const make = protect(iterable({ return: async () => answer }));
    const stream = make();
    await stream.next();
    expect(await stream.return('left')).toEqual({ done: true, value: 'left' });
    expect(make.breaker.stats).toMatchObject({ successes: 1, failures: 0 });
  });

  it('goes on where its iterator will not be left', async () => {
    const stream = protect(iterable({ return: async () => ({ done: false, value: 'not yet' }) }))();
    await stream.next();
    expect(await stream.return('left')).toEqual({ done: false, value: 'not yet' });
    expect(await stream.next()).toEqual({ done: false, value: 'item' });
  });

  it('is left where its iterator knows no return(), before and after the first item', async () => {
    const make = protect(iterable({}));
    const [begun, beginning, fresh] = [make(), make(), make()];
    await begun.next();
    const first = beginning.next();
    expect(await Promise.all([begun.return('a'), beginning.return('b'), fresh.return('c')])).toEqual([
      { done: true, value: 'a' }, { done: true, value: 'b' }, { done: true, value: 'c' },
    ]);
    expect(await first).toEqual({ done: true, value: undefined });
    expect(make.breaker.stats).toMatchObject({ successes: 1, ignored: 1, failures: 0 });
  });

  it('throws what is thrown into it where its iterator knows no throw(), before and after the first item', async () => {
    const make = protect(iterable({}));
    const mine = new Error('mine');
    const [begun, beginning, fresh] = [make(), make(), make()];
    await begun.next();
    void beginning.next();
    expect(await Promise.all([begun, beginning, fresh].map((stream) => rejectionOf(stream.throw(mine))))).toEqual([mine, mine, mine]);
    for (const stream of [begun, beginning, fresh]) {
      expect(await stream.next()).toEqual({ done: true, value: undefined });
      expect(await rejectionOf(stream.throw(mine))).toBe(mine);
    }
    expect(make.breaker.stats).toMatchObject({ failures: 0 });
  });

  it('fails once when it fails as it is left', async () => {
    const down = new Error('down');
    const make = protect(iterable({ return: async () => { throw down; } }));
    const stream = make();
    await stream.next();
    expect(await rejectionOf(stream.return('left'))).toBe(down);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    expect(make.breaker.stats).toMatchObject({ failures: 1, successes: 0 });
  });
});

describe('an async generator function', () => {
  it.each<[string, unknown, boolean]>([
    ['a native one', async function* () {}, true],
    ['a method', { async *lines() {} }.lines, true],
    ['one that says so', Object.defineProperty(() => 1, Symbol.toStringTag, { value: 'AsyncGeneratorFunction' }), true],
    ['an async function', async () => 1, false],
    ['a generator function', function* () {}, false],
  ])('is told from others: %s', (_what, fn, isIt) => {
    expect(isAsyncGeneratorFunction(fn as () => unknown)).toBe(isIt);
  });
});

it('what can be read but once has a reader, or iterates asynchronously: either will do', () => {
  expect([{ getReader: () => 1 }, { [Symbol.asyncIterator]: () => 1 }, {}].map(isOneShot)).toEqual([true, true, false]);
});
