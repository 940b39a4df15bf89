import { type AttemptEndEvent, Breaker, BreakerRegistry, type BreakerOptions, type Counter, withBreaker, withPolicies, withRetry } from '../../lib';
import * as operate from '../../lib/operate';
import { pending, rejectionOf } from '../composition/support/flaky';
import { TimerClock } from '../support/timer-clock';

/** Its value, or what it was rejected with. */
const outcomeOf = (call: Promise<unknown>): Promise<unknown> => call.catch((error: unknown) => error);

function setUp() {
  const clock = new TimerClock();
  const registry = new BreakerRegistry({ clock });
  const fn = pending();
  const load = withRetry(fn, { name: 'op', registry, maxAttempts: 1 });
  /** Another site of the operation, which brings a breaker. */
  const bringBreaker = (options: BreakerOptions = {}) => withBreaker(async () => 'value', { name: 'op', registry, ...options }).breaker!;
  return { clock, registry, fn, load, bringBreaker };
}

describe('what counts in place of a breaker', () => {
  it('can be read as a breaker can, and tells its events to observers', async () => {
    const { registry, fn, load } = setUp();
    const counter = registry.get('op')!;
    const observer = { seen: [] as string[], failure({ operation }: { operation: string }) { this.seen.push(operation); } };
    const remove = counter.observe(observer);
    const call = outcomeOf(load());
    void outcomeOf(withRetry(() => Promise.reject(new Error('other')), { name: 'other', registry, maxAttempts: 1 })());
    fn.calls[0]!.reject(new Error('down'));
    await call;
    await counter.ready();
    remove();
    const second = outcomeOf(load());
    fn.calls[1]!.reject(new Error('down'));
    await second;

    expect(counter).not.toBeInstanceOf(Breaker);
    expect(observer.seen).toEqual(['op']);
    expect([counter.state, counter.failureCount, counter.retryAfter, counter.override, counter.stats.failures, counter.key]).toEqual(['closed', 2, 0, undefined, 2, undefined]);
    expect([...registry]).toContainEqual(['op', counter]);
    counter.reset();
    expect(counter.toJSON()).toMatchObject({ name: 'op', state: 'closed', stats: { calls: 0 } });
  });

  it.each<[string, (counter: Counter) => unknown]>([
    ['trip', (counter) => counter.trip()],
    ['execute', (counter) => counter.execute()],
    ['configure', (counter) => { operate.configure(counter, { failureThreshold: 1 }); }],
    ['snapshot', (counter) => operate.snapshot(counter)],
    ['restore', (counter) => { operate.restore(counter, {} as never); }],
    ['forceOpen', (counter) => operate.forceOpen(counter)],
  ])('refuses %s, and says why', (_name, act) => {
    const { registry } = setUp();
    expect(() => act(registry.get('op') as Counter)).toThrow(/ of op: only counts: no policy gives it a breaker/);
  });
});

describe('an attempt in flight while a breaker takes the place of a counter', () => {
  it('counts in the breaker, by its options', async () => {
    const { registry, fn, load, bringBreaker } = setUp();
    const calls = Array.from({ length: 5 }, () => outcomeOf(load()));
    fn.calls[0]!.reject(new Error('before'));
    await calls[0];
    const breaker = bringBreaker({ failureThreshold: 2, ignore: RangeError, handleResult: (value) => value === 503 });
    expect(registry.get('op')).toBe(breaker);

    fn.calls[1]!.reject(new RangeError('of the caller'));
    await calls[1];
    expect(breaker.stats).toMatchObject({ failures: 1, ignored: 1 });
    fn.calls[2]!.resolve(503);
    await calls[2];

    expect(breaker).toMatchObject({ state: 'open', inFlight: 0, stats: { failures: 2, successes: 0, late: 0 } });
    fn.calls[3]!.resolve('value');
    fn.calls[4]!.reject(new Error('after'));
    await Promise.all(calls);
    expect(breaker.stats).toMatchObject({ failures: 2, successes: 0, late: 2 });
  });

  it('is told to who listens with its own duration', async () => {
    const { clock, registry, fn, load, bringBreaker } = setUp();
    const events: AttemptEndEvent[] = [];
    for (const type of ['success', 'failure', 'ignored'] as const) registry.on(type, (event) => events.push(event as never));
    const calls = [load(), load()].map(outcomeOf);
    await clock.advance(30);
    const breaker = bringBreaker();
    await clock.advance(20);
    fn.calls[0]!.resolve('value');
    fn.calls[1]!.reject(new Error('down'));
    await Promise.all(calls);

    expect(events).toMatchObject([{ type: 'success', operation: 'op', duration: 50, value: 'value' }, { type: 'failure', duration: 50 }]);
    expect(breaker.stats).toMatchObject({ successes: 1, failures: 1 });
  });

  it('tells of the breaker to those who listen to the counter that they kept', async () => {
    const { registry, fn, load, bringBreaker } = setUp();
    const counter = registry.get('op')!;
    bringBreaker();
    const failure = jest.fn();
    counter.on('failure', failure);
    const call = outcomeOf(load());
    fn.calls[0]!.reject(new Error('down'));
    await call;
    expect(failure).toHaveBeenCalledTimes(1);
  });

  it('counts for nothing when its caller has left', async () => {
    const { fn, registry, bringBreaker } = setUp();
    const load = withRetry(fn, { name: 'op', registry, signal: (signal?: AbortSignal) => signal });
    const controller = new AbortController();
    const call = rejectionOf(load(controller.signal));
    const breaker = bringBreaker();
    controller.abort(new Error('left'));
    fn.calls[0]!.reject(new Error('cut off'));

    expect(await call).toMatchObject({ message: 'left' });
    expect(breaker.stats).toMatchObject({ ignored: 1, failures: 0 });
  });

  it('counts when a stream of it ends', async () => {
    const { registry, bringBreaker } = setUp();
    const read = withPolicies(async function* () { yield 1; yield 2; }, { name: 'op', registry, timeout: 1000 });
    const [left, ended] = [read(), read()];
    await left.next();
    await ended.next();
    const breaker = bringBreaker();
    await left.return(undefined);
    for await (const _ of ended);

    expect(breaker.stats).toMatchObject({ successes: 2 });
  });
});
