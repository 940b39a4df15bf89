import { Breaker, BreakerRegistry, withPolicies, type BulkheadOptions } from '../../lib';
import { rejectionOf } from '../composition/support/flaky';
import { reactions, TimerClock } from '../support/timer-clock';
import { watch } from './support/testbed';

/** A stream of two items, made when the test says so; `began` tells which ones have. */
function setUp(given: Partial<BulkheadOptions> = {}) {
  const clock = new TimerClock();
  const registry = new BreakerRegistry({ clock });
  const began: string[] = [];
  async function* download(id: string): AsyncGenerator<string, string> {
    began.push(id);
    if (id === 'fails at once') throw new Error('down');
    if (id === 'is empty') return 'end';
    yield `${id} 1`;
    if (id === 'fails later') throw new Error('down');
    yield `${id} 2`;
    return 'end';
  }
  const wrapped = withPolicies(download, { registry, bulkhead: { maxConcurrent: 1, ...given } });
  const isFree = async (): Promise<boolean> => {
    const probe = wrapped('probe');
    const outcome = await probe.next().then(() => true, () => false);
    await probe.return('');
    return outcome;
  };
  return { clock, registry, began, wrapped, isFree };
}

describe('a stream in a bulkhead', () => {
  it('takes its slot at the first next(), and holds it to its end', async () => {
    const { wrapped, isFree } = setUp();
    const stream = wrapped('a');
    expect(await isFree()).toBe(true);
    expect(await stream.next()).toEqual({ done: false, value: 'a 1' });
    expect(await isFree()).toBe(false);
    expect(await stream.next()).toEqual({ done: false, value: 'a 2' });
    expect(await isFree()).toBe(false);
    expect(await stream.next()).toEqual({ done: true, value: 'end' });
    expect(await isFree()).toBe(true);
  });

  it.each(['fails at once', 'fails later'])('that %s gives it back', async (id) => {
    const { wrapped, isFree } = setUp();
    const consume = async (): Promise<void> => {
      for await (const _item of wrapped(id));
    };
    expect(await rejectionOf(consume())).toEqual(new Error('down'));
    expect(await isFree()).toBe(true);
  });

  it('that is empty gives it back', async () => {
    const { wrapped, isFree } = setUp();
    expect(await wrapped('is empty').next()).toEqual({ done: true, value: 'end' });
    expect(await isFree()).toBe(true);
  });

  it('that its consumer leaves gives it back', async () => {
    const { wrapped, isFree } = setUp();
    for await (const _item of wrapped('a')) break;
    expect(await isFree()).toBe(true);
  });

  it('that its consumer throws into gives it back', async () => {
    const { wrapped, isFree } = setUp();
    const stream = wrapped('a');
    await stream.next();
    await rejectionOf(stream.throw(new Error('mine')));
    expect(await isFree()).toBe(true);
  });

  it('waits for its turn, and leaves the queue when its consumer does', async () => {
    const { began, wrapped, clock } = setUp({ maxQueue: 2, maxWait: 1_000 });
    const first = wrapped('a');
    await first.next();
    const [left, next] = [wrapped('b'), wrapped('c')];
    const leaving = left.next();
    const waiting = watch(next.next());
    await reactions();
    expect([began, clock.armed]).toEqual([['a'], 2]);
    await left.return('');
    expect(await leaving).toEqual({ done: true, value: undefined });
    await first.return('');
    await reactions();
    expect(began).toEqual(['a', 'c']);
    expect(waiting).toEqual({ state: 'fulfilled', outcome: { done: false, value: 'c 1' } });
    expect(clock.armed).toBe(0);
  });

  it('leaves the queue when the call around it is aborted', async () => {
    const { wrapped, isFree } = setUp({ maxQueue: 1 });
    const first = wrapped('a');
    await first.next();
    const controller = new AbortController();
    const outer = new Breaker();
    const waiting = outer.execute(() => wrapped('b').next(), { signal: controller.signal });
    controller.abort('enough');
    expect(await rejectionOf(waiting)).toBe('enough');
    await first.return('');
    expect(await isFree()).toBe(true);
  });

  it('is measured to its first item by an adaptive limit, to which an end with an error is a failure', async () => {
    const { clock, registry, wrapped, isFree } = setUp({
      maxConcurrent: 9, adaptive: { algorithm: 'aimd', initialLimit: 4, backoffRatio: 0.5, slowCallDuration: 50 },
    });
    const limits: number[] = [];
    registry.on('limit', ({ to }) => limits.push(to));
    const slowly = wrapped('a');
    await slowly.next();
    await clock.advance(10_000);
    await slowly.return('');
    expect(limits).toEqual([]);
    const failing = wrapped('fails later');
    await failing.next();
    await rejectionOf(failing.next());
    expect(limits).toEqual([2]);
    expect(await isFree()).toBe(true);
  });
});
