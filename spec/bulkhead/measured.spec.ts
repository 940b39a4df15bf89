import { Breaker, BreakerRegistry, bulkhead, circuitBreaker, withPolicies } from '../../lib';
import { fails, pending, rejectionOf, scripted } from '../composition/support/flaky';
import { reactions, TimerClock } from '../support/timer-clock';

/** Starts at 4, halves at each drop, and grows with what works. */
const adaptive = { algorithm: 'aimd', initialLimit: 4, backoffRatio: 0.5 } as const;

function setUp() {
  const clock = new TimerClock();
  const registry = new BreakerRegistry({ clock });
  const limits: number[] = [];
  registry.on('limit', ({ to }) => limits.push(to));
  return { clock, registry, limits };
}

describe('an adaptive limit learns nothing', () => {
  it('from calls that their callers abort', async () => {
    const { registry, limits } = setUp();
    const fn = pending();
    const wrapped = withPolicies(fn, { name: 'op', registry, bulkhead: { maxConcurrent: 9, adaptive } });
    const controller = new AbortController();
    const outer = new Breaker();
    const reason = new Error('enough');
    const calls = Array.from({ length: 4 }, () => rejectionOf(outer.execute(() => wrapped(), { signal: controller.signal })));
    controller.abort(reason);
    for (const { reject } of fn.calls) reject(reason);
    expect(await Promise.all(calls)).toEqual([reason, reason, reason, reason]);
    await reactions();
    expect(limits).toEqual([]);
  });

  it('from calls that its own circuit rejects', async () => {
    const { registry, limits } = setUp();
    const wrapped = withPolicies(scripted(fails()), [
      bulkhead({ maxConcurrent: 9, adaptive, name: 'op', registry }), circuitBreaker({ failureThreshold: 1 }),
    ]);
    await rejectionOf(wrapped());
    expect(limits).toEqual([2]);
    for (let n = 0; n < 10; n++) expect(await rejectionOf(wrapped())).toMatchObject({ code: 'BREAKER_OPEN' });
    expect(limits).toEqual([2]);
  });
});

describe('a stream gives the slot of an adaptive bulkhead back', () => {
  const lines = async function* (ending: string): AsyncGenerator<string> {
    yield 'first';
    if (ending === 'fails') throw new Error('down');
  };
  const open = () => {
    const { registry } = setUp();
    const wrapped = withPolicies(lines, { name: 'op', registry, bulkhead: { maxConcurrent: 1, adaptive: { algorithm: 'aimd' } } });
    const isFree = () => wrapped('ends').next().then(() => true, () => false);
    return { wrapped, isFree };
  };

  it.each<[string, (stream: AsyncGenerator<string>) => Promise<unknown>]>([
    ['it ends', (stream) => stream.next()],
    ['its consumer leaves', (stream) => stream.return(undefined)],
    ['it fails', (stream) => stream.next().catch(() => undefined)],
    ['its consumer throws into it', (stream) => stream.throw(new Error('mine')).catch(() => undefined)],
  ])('when %s', async (how, end) => {
    const { wrapped, isFree } = open();
    const stream = wrapped(how === 'it fails' ? 'fails' : 'ends') as AsyncGenerator<string>;
    await stream.next();
    expect(await isFree()).toBe(false);
    await end(stream);
    expect(await isFree()).toBe(true);
  });

  it('when the call around it is aborted', async () => {
    const { wrapped, isFree } = open();
    const controller = new AbortController();
    await new Breaker().execute(async () => {
      const stream = wrapped('ends');
      await stream.next();
      controller.abort(new Error('enough'));
      await rejectionOf(stream.next());
    }, { signal: controller.signal }).catch(() => undefined);
    expect(await isFree()).toBe(true);
  });
});
