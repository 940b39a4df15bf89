import { getEventListeners, once } from 'node:events';
import { Readable } from 'node:stream';
import { BreakerRegistry, bulkhead, circuitBreaker, currentCall, retry, timeout, withBreaker, withPolicies, type PolicyOptions } from '../../lib';
import { Call } from '../../lib/core/call';
import { CancellationSource, SignalCancellation } from '../../lib/core/cancellation';
import type { Driver } from '../../lib/core/policy';
import { compose } from '../../lib/core/run';
import { eachItem, streams, type OpenStream, whenOver } from '../../lib/core/stream';
import { rejectionOf } from '../composition/support/flaky';
import { reactions, TimerClock } from '../support/timer-clock';

/** Gives an item, and waits for its signal before the next. */
function waiting() {
  const seen: string[] = [];
  async function* lines(): AsyncGenerator<string> {
    const signal = currentCall()!.signal!;
    signal.addEventListener('abort', () => seen.push(`aborted: ${(signal.reason as Error).name}`));
    try {
      yield 'first';
      await new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => { reject(signal.reason as Error); });
      });
    } finally {
      seen.push('closed');
    }
  }
  return { seen, lines };
}

describe('rule 44: a consumer that leaves a stream while an item is awaited', () => {
  it.each<[string, PolicyOptions]>([
    ['a breaker', {}],
    ['a timeout', { timeout: '10s' }],
    ['a retry and a bulkhead', { retry: {}, bulkhead: 1 }],
  ])('aborts it at once, through %s', async (_through, policies) => {
    const { seen, lines } = waiting();
    const call = withPolicies(lines, { name: 'lines', registry: new BreakerRegistry(), breaker: {}, ...policies });
    const stream = call();
    await stream.next();
    const next = stream.next();
    const left = stream.return(undefined);
    expect(seen).toEqual(['aborted: AbortError']);
    expect([await left, await next]).toEqual([{ done: true, value: undefined }, { done: true, value: undefined }]);
    expect(seen).toEqual(['aborted: AbortError', 'closed']);
    await reactions();
    expect(call.breaker!.stats).toMatchObject({ calls: 1, successes: 1, failures: 0 });
  });

  it('does not wait for the item, which its function may still wait for: its permit is held so long', async () => {
    let give!: () => void;
    const call = withPolicies(async function* () {
      yield 'first';
      await new Promise<void>((resolve) => { give = resolve; });
      yield 'second';
    }, { name: 'lines', registry: new BreakerRegistry(), bulkhead: 1 });
    const stream = call();
    await stream.next();
    const next = stream.next();
    expect(await stream.return()).toEqual({ done: true, value: undefined });
    expect(await rejectionOf(call().next())).toMatchObject({ code: 'BREAKER_BULKHEAD_FULL' });
    give();
    expect(await next).toEqual({ done: true, value: undefined });
    await reactions();
    expect(await call().next()).toEqual({ done: false, value: 'first' });
  });

  it('by a throw: it is aborted, the consumer gets its own error, and the stream counts for nothing', async () => {
    const { seen, lines } = waiting();
    const call = withBreaker(lines, { name: 'lines', registry: new BreakerRegistry() });
    const stream = call();
    await stream.next();
    const next = stream.next();
    const mine = new Error('mine');
    expect(await rejectionOf(stream.throw(mine))).toBe(mine);
    expect(await next).toEqual({ done: true, value: undefined });
    await reactions();
    expect(seen).toEqual(['aborted: AbortError', 'closed']);
    expect(call.breaker!.stats).toMatchObject({ calls: 1, ignored: 1 });
  });

  it.each([['', undefined], [' with an error', new Error('the page was closed')]])('as a stream of Node that is destroyed%s', async (_how, error) => {
    const { seen, lines } = waiting();
    const readable = Readable.from(withBreaker(lines, { name: 'lines', registry: new BreakerRegistry() })());
    readable.on('error', () => undefined);
    await once(readable, 'data');
    await reactions();
    readable.destroy(error);
    await new Promise<void>((resolve) => { readable.once('close', resolve); });
    await reactions();
    expect(seen).toEqual(['aborted: AbortError', 'closed']);
  });

  it('before the first item: no attempt counts, and nothing is left on the signal around it', async () => {
    const { signal } = new AbortController();
    const call = withBreaker(async function* () {
      await new Promise((_resolve, reject) => {
        const own = currentCall()!.signal!;
        own.addEventListener('abort', () => { reject(own.reason as Error); });
      });
      yield 'never';
    }, { name: 'lines', registry: new BreakerRegistry() });
    await withBreaker(async () => undefined, { name: 'around', registry: new BreakerRegistry() }).breaker!.execute(async () => {
      const stream = call();
      const first = stream.next();
      expect(await stream.return()).toEqual({ done: true, value: undefined });
      expect(await first).toEqual({ done: true, value: undefined });
    }, { signal });
    expect(call.breaker!.stats).toMatchObject({ calls: 1, ignored: 1 });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('requests to a stream', () => {
  const native = <F>(fn: F): F => fn;
  const guarded = <F>(fn: F): F => withBreaker(fn as never, { name: 'lines', registry: new BreakerRegistry() }) as F;

  it.each([['a generator', native], ['a protected one', guarded]])('are answered in their order by %s', async (_which, protect) => {
    const ran = jest.fn();
    const lines = protect(async function* (): AsyncGenerator<number, unknown, undefined> {
      ran();
      try {
        yield 1;
        yield 2;
      } finally {
        await reactions();
      }
      return undefined;
    });
    const early = lines();
    const order: string[] = [];
    const note = <T>(name: string, answer: Promise<T>): Promise<T> => {
      answer.then(() => order.push(name), () => order.push(name));
      return answer;
    };
    const [thrown, after] = [rejectionOf(note('throw', early.throw('mine'))), note('next', early.next())];
    expect([await thrown, await after, ran.mock.calls]).toEqual(['mine', { done: true, value: undefined }, []]);
    const late = lines();
    await late.next();
    const answers = [note('return', late.return('r')), note('after', late.next()), note('again', late.return('s'))];
    expect(await Promise.all(answers)).toEqual([{ done: true, value: 'r' }, { done: true, value: undefined }, { done: true, value: 's' }]);
    expect(order).toEqual(['throw', 'next', 'return', 'after', 'again']);
  });
});

describe('a stream that opens when its timeout has given it up', () => {
  function setUp() {
    const clock = new TimerClock();
    const registry = new BreakerRegistry({ clock });
    const closed = jest.fn();
    const lines = async function* (): AsyncGenerator<number> {
      try {
        await new Promise<void>((resolve) => { clock.setTimeout(resolve, 30); });
        yield 1;
      } finally {
        closed();
      }
    };
    return { clock, registry, closed, lines };
  }

  it('is closed, and gives its slot back', async () => {
    const { clock, registry, closed, lines } = setUp();
    const call = withPolicies(lines, [timeout({ duration: 10, registry, clock }), bulkhead({ maxConcurrent: 1, name: 'read' })]);
    expect(await rejectionOf(clock.until(call().next()))).toMatchObject({ code: 'BREAKER_TIMEOUT' });
    expect(await rejectionOf(call().next())).toMatchObject({ code: 'BREAKER_BULKHEAD_FULL' });
    await clock.advance(20);
    expect(closed).toHaveBeenCalledTimes(1);
    expect(await rejectionOf(clock.until(call().next()))).toMatchObject({ code: 'BREAKER_TIMEOUT' });
  });

  it('ends its permit, and leaves nothing on a signal', async () => {
    const { clock, registry, lines } = setUp();
    const { signal } = new AbortController();
    const call = withPolicies(lines, [
      timeout({ duration: 10, registry, clock }), retry({ signal }), circuitBreaker({ name: 'probe' }),
    ]);
    await rejectionOf(clock.until(call().next()));
    await clock.advance(20);
    expect(call.breaker!.stats).toMatchObject({ calls: 1, failures: 1 });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('a driver that bounds each item', () => {
  /** Gives every run a call of its own, which it can give up. */
  function giveUp() {
    const runs: { readonly source: CancellationSource; give: (error: Error) => void }[] = [];
    const driver = eachItem((next) => ({
      run: (call, self, args) =>
        new Promise((resolve, reject) => {
          const source = new CancellationSource(call.cancellation);
          runs.push({ source, give: (error) => { source.abort(error); reject(error); } });
          void next.run(call.as(call.attempt, source), self, args).then(resolve, reject).finally(() => { source.release(); });
        }),
    }));
    return { runs, driver };
  }

  it('aborts the signal that its function has had from the start, and closes what is given up', async () => {
    const { seen, lines } = waiting();
    const { runs, driver } = giveUp();
    const { signal } = new AbortController();
    const run = compose(streams, [driver], streams.call(lines));
    const stream = (await run.run(new Call('lines', undefined, SignalCancellation.of(signal), 2), undefined, [])) as OpenStream;
    const ended = jest.fn();
    whenOver(stream, ended);
    const next = rejectionOf(stream.ask('next'));
    const late = Object.assign(new Error('late'), { name: 'TimeoutError' });
    expect(runs).toHaveLength(2);
    runs[1]!.give(late);
    expect(await next).toBe(late);
    await reactions();
    expect(seen).toEqual(['aborted: TimeoutError', 'closed']);
    expect(() => { stream.end('failure', late); }).toThrow(late);
    expect(ended).toHaveBeenCalledTimes(1);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('follows the call around it between the items, too', async () => {
    const { seen, lines } = waiting();
    const controller = new AbortController();
    const run = compose(streams, [giveUp().driver, giveUp().driver], streams.call(lines));
    await run.run(new Call('lines', undefined, SignalCancellation.of(controller.signal)), undefined, []);
    controller.abort();
    expect(seen).toEqual(['aborted: AbortError']);
  });

  it('knows which attempt opened the stream, and until when an item is waited for', async () => {
    const calls: unknown[] = [];
    const clock = new TimerClock();
    const driver = eachItem((next) => ({
      run: (call, self, args) => next.run(call.as(call.attempt, call.cancellation, { atMs: clock.now() + 100, clock }), self, args),
    }));
    const retried: Driver = (next) => ({ run: (call, self, args) => next.run(call.as(2, call.cancellation), self, args) });
    const run = compose(streams, [driver, retried], streams.call(async function* () {
      for (;;) {
        calls.push([currentCall()!.attempt, currentCall()!.deadline]);
        yield 1;
      }
    }));
    const stream = (await run.run(new Call('lines', undefined, undefined), undefined, [])) as OpenStream;
    await clock.advance(30);
    await stream.ask('next');
    expect(calls).toEqual([[2, 100], [2, 130]]);
  });
});
