import { BreakerRegistry, withBreaker, type BreakerOptions } from '../../../lib';
import { rejectionOf } from '../../composition/support/flaky';
import { reactions, TimerClock } from '../../support/timer-clock';

function setUp(steps: unknown[], options: BreakerOptions = {}) {
  const clock = new TimerClock();
  const log: string[] = [];
  async function* download(this: unknown, id = 'a'): AsyncGenerator<unknown, string, string | undefined> {
    log.push(`begin ${id}`);
    try {
      for (const step of steps) {
        if (step instanceof Error || step instanceof DOMException) throw step;
        const sent = yield step;
        if (sent !== undefined) log.push(`sent ${sent}`);
      }
      return 'end';
    } finally {
      log.push('closed');
    }
  }
  const wrapped = withBreaker(download, { name: 'download', registry: new BreakerRegistry({ clock }), ...options });
  return { clock, log, wrapped, breaker: wrapped.breaker! };
}

const down = new Error('down');

async function collect(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

describe('a protected stream', () => {
  it('gives the items and the result of the stream, and passes what is sent', async () => {
    const { log, wrapped } = setUp(['a', 'b']);
    const stream = wrapped('x');
    expect(await stream.next()).toEqual({ done: false, value: 'a' });
    expect(await stream.next('hello')).toEqual({ done: false, value: 'b' });
    expect(await stream.next()).toEqual({ done: true, value: 'end' });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    expect(log).toEqual(['begin x', 'sent hello', 'closed']);
  });

  it('begins, and takes its permit, at the first next()', async () => {
    const { log, wrapped, breaker } = setUp(['a']);
    const stream = wrapped();
    await reactions();
    expect([log, breaker.stats.calls]).toEqual([[], 0]);
    breaker.trip();
    expect(await rejectionOf(stream.next())).toMatchObject({ code: 'BREAKER_OPEN' });
    expect(log).toEqual([]);
  });

  it('is a success at its end', async () => {
    const { wrapped, breaker } = setUp(['a', 'b']);
    expect(await collect(wrapped())).toEqual(['a', 'b']);
    expect(breaker.stats).toMatchObject({ calls: 1, successes: 1 });
  });

  it('is a success when it ends without an item', async () => {
    const { wrapped, breaker } = setUp([]);
    expect(await collect(wrapped())).toEqual([]);
    expect(breaker.stats).toMatchObject({ calls: 1, successes: 1 });
  });

  it('is a failure at a throw, before or after items', async () => {
    for (const steps of [[down], ['a', 'b', down]]) {
      const { wrapped, breaker } = setUp(steps);
      expect(await rejectionOf(collect(wrapped()))).toBe(down);
      expect(breaker.stats).toMatchObject({ calls: 1, failures: 1 });
    }
  });

  it('is a success when its consumer has enough after an item, and is closed', async () => {
    const { log, wrapped, breaker } = setUp(['a', 'b', 'c']);
    for await (const item of wrapped()) if (item === 'b') break;
    expect(breaker.stats).toMatchObject({ calls: 1, successes: 1 });
    expect(log).toEqual(['begin a', 'closed']);
  });

  it('counts for nothing when it is returned before it began', async () => {
    const { log, wrapped, breaker } = setUp(['a']);
    const stream = wrapped();
    expect(await stream.return('enough')).toEqual({ done: true, value: 'enough' });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    expect([log, breaker.stats.calls]).toEqual([[], 0]);
  });

  it('is ignored when it is returned while its first item is awaited', async () => {
    let give: (item: string) => void = () => undefined;
    const log: string[] = [];
    const wrapped = withBreaker(
      async function* () {
        try {
          yield await new Promise<string>((resolve) => {
            give = resolve;
          });
        } finally {
          log.push('closed');
        }
      },
      { name: 'slow', registry: new BreakerRegistry() },
    );
    const stream = wrapped();
    const first = stream.next();
    await reactions();
    const returned = stream.return();
    give('late');
    expect([await first, await returned]).toEqual([{ done: true, value: undefined }, { done: true, value: undefined }]);
    await reactions();
    expect(wrapped.breaker!.stats).toMatchObject({ calls: 1, ignored: 1, successes: 0 });
    expect(log).toEqual(['closed']);
  });

  it('holds its permit to the end: a probe has its slot until the stream has ended', async () => {
    const { clock, wrapped, breaker } = setUp(['a', 'b'], { recoveryTimeout: 100, halfOpen: { probeTimeout: '1h' } });
    breaker.trip();
    await clock.advance(100);
    const stream = wrapped();
    await stream.next();
    expect(await rejectionOf(wrapped().next())).toMatchObject({ code: 'BREAKER_OPEN', state: 'half_open' });
    await stream.next();
    expect(breaker.state).toBe('half_open');
    await stream.next();
    expect(breaker.state).toBe('closed');
  });

  it('gives the slot of a probe back when it is ignored', async () => {
    const { clock, wrapped, breaker } = setUp(['a', new DOMException('cancelled', 'AbortError')], { recoveryTimeout: 100 });
    breaker.trip();
    await clock.advance(100);
    await rejectionOf(collect(wrapped()));
    expect(breaker.state).toBe('half_open');
    expect(breaker.tryAcquire()).toBeDefined();
  });

  it('is late when the breaker has moved on while it was read', async () => {
    const { wrapped, breaker } = setUp(['a']);
    const stream = wrapped();
    await stream.next();
    breaker.reset();
    await stream.next();
    expect(breaker.stats).toMatchObject({ late: 1, successes: 0 });
  });

  it('settles once, however often it is ended', async () => {
    const { wrapped, breaker } = setUp(['a', 'b']);
    const stream = wrapped();
    await stream.next();
    await stream.return('enough');
    await stream.return('enough');
    await stream.throw(down).catch(() => undefined);
    await stream.next();
    expect(breaker.stats).toMatchObject({ calls: 1, successes: 1, failures: 0 });
  });

  it('that is thrown into by its consumer says nothing about the dependency', async () => {
    const { log, wrapped, breaker } = setUp(['a', 'b']);
    const stream = wrapped();
    await stream.next();
    expect(await rejectionOf(stream.throw(down))).toBe(down);
    expect(breaker.stats).toMatchObject({ calls: 1, ignored: 1, failures: 0 });
    expect(log).toEqual(['begin a', 'closed']);
  });

  it('that catches what is thrown into it goes on', async () => {
    const wrapped = withBreaker(
      async function* () {
        try {
          yield 'a';
        } catch {
          yield 'recovered';
        }
      },
      { name: 'recovering', registry: new BreakerRegistry() },
    );
    const stream = wrapped();
    await stream.next();
    expect(await stream.throw(down)).toEqual({ done: false, value: 'recovered' });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    expect(wrapped.breaker!.stats).toMatchObject({ successes: 1, failures: 0 });
  });

  it('is a failure when closing it throws', async () => {
    const wrapped = withBreaker(
      async function* () {
        try {
          yield 'a';
        } finally {
          await Promise.reject(down);
        }
      },
      { name: 'unclosable', registry: new BreakerRegistry() },
    );
    const stream = wrapped();
    await stream.next();
    expect(await rejectionOf(stream.return(undefined))).toBe(down);
    expect(wrapped.breaker!.stats).toMatchObject({ failures: 1 });
  });

  it('keeps this, name, length and the arguments', async () => {
    const registry = new BreakerRegistry();
    const receiver = {
      prefix: 'p',
      items: withBreaker(async function* items(this: { prefix: string }, one: string, two: string) { yield this.prefix + one + two; }, { registry }),
    };
    expect([receiver.items.name, receiver.items.length]).toEqual(['items', 2]);
    expect(await collect(receiver.items('a', 'b'))).toEqual(['pab']);
  });

  it('rejects at the first next(), and does not throw at the call, when the circuit is open', async () => {
    const { wrapped, breaker } = setUp(['a']);
    breaker.trip();
    const stream = wrapped();
    expect(await rejectionOf(stream.next())).toMatchObject({ code: 'BREAKER_OPEN' });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });
});

describe('a promise of an async iterable', () => {
  it('is judged when it resolves', async () => {
    const wrapped = withBreaker(async () => setUp(['a', down]).wrapped(), { name: 'promised', registry: new BreakerRegistry() });
    const stream = await wrapped();
    expect(wrapped.breaker!.stats).toMatchObject({ calls: 1, successes: 1 });
    await rejectionOf(collect(stream));
    expect(wrapped.breaker!.stats).toMatchObject({ calls: 1, successes: 1 });
  });
});
