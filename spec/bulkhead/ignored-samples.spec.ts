import { BreakerRegistry, withBreaker, withPolicies } from '../../lib';
import { pending, rejectionOf } from '../composition/support/flaky';
import { reactions, TimerClock } from '../support/timer-clock';

function setUp(stream = false) {
  const clock = new TimerClock();
  const registry = new BreakerRegistry({ clock });
  const limits: number[] = [];
  registry.on('limit', ({ to }) => limits.push(to));
  const around = withBreaker(async () => undefined, { clock }).breaker!;
  return { clock, registry, limits, around, options: { registry, stream, bulkhead: { maxConcurrent: 20, adaptive: { algorithm: 'aimd' as const, initialLimit: 1, minLimit: 1 } } } };
}

describe('what an adaptive limit learns of calls', () => {
  it('is to grow from one that works, and nothing from one that its caller aborts', async () => {
    const { limits, around, options } = setUp();
    const fn = pending();
    const call = withPolicies(fn, options);
    const controller = new AbortController();
    const aborted = rejectionOf(around.execute(() => call(), { signal: controller.signal }));
    controller.abort(new Error('left'));
    fn.calls[0]!.reject(new Error('as told'));
    await aborted;
    expect(limits).toEqual([]);

    const works = call();
    fn.calls[1]!.resolve('it');
    await works;
    expect(limits).toEqual([2]);
  });

  it.each([['read to its end', 2], ['left', 1]])('is to grow from a stream that is %s', async (_how, read) => {
    const { limits, options } = setUp(true);
    const call = withPolicies(async function* () {
      yield 'item';
      yield 'item';
    }, options as never) as unknown as () => AsyncGenerator<string>;
    let items = 0;
    for await (const item of call()) {
      expect(item).toBe('item');
      if (++items === read && read === 1) break;
    }
    await reactions();
    expect([items, limits]).toEqual([read, [2]]);
  });
});
