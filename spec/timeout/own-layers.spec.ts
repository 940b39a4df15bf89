import { BreakerRegistry, circuitBreaker, fallback, retry, timeout, withPolicies, withRegistry, bulkhead, type Policy } from '../../lib';
import { FINDING_CODES as allow } from '../../lib/core/lint-rule';
import { rejectionOf, pending } from '../composition/support/flaky';
import { TimerClock } from '../support/timer-clock';

/** A timeout between other layers, for functions and for streams. */
describe.each(['abandon', 'cooperative'] as const)('a timeout that is to %s', (mode) => {
  const down = new Error('down');
  let clock: TimerClock;
  let registry: BreakerRegistry;
  beforeEach(() => {
    clock = new TimerClock();
    registry = new BreakerRegistry({ clock });
  });

  const stacks: [string, () => Policy[]][] = [
    ['alone', () => [timeout({ duration: 100, mode, allow })]],
    ['inside a breaker', () => [circuitBreaker({ allow }), timeout({ duration: 100, mode })]],
    ['outside a breaker', () => [timeout({ duration: 100, mode, allow }), circuitBreaker()]],
    ['between fallback and timeout', () => [fallback({ use: () => 'no', handle: RangeError }), timeout({ duration: 100, mode, allow }), timeout({ duration: 50, mode })]],
  ];

  it.each(stacks)('hands on what a function gives, and what it fails with: %s', async (_where, stack) => {
    await withRegistry(registry, async () => {
      const call = withPolicies(async (fails: boolean) => {
        if (fails) throw down;
        return 'it';
      }, stack());
      expect(await call(false)).toBe('it');
      expect(await rejectionOf(call(true))).toBe(down);
      expect(call.breaker!.stats).toMatchObject({ successes: 1, failures: 1 });
    });
    expect(clock.armed).toBe(0);
  });

  it.each(stacks)('hands on the items of a stream, its end, and what it fails with: %s', async (_where, stack) => {
    await withRegistry(registry, async () => {
      const call = withPolicies(async function* (fails: boolean): AsyncGenerator<string, string> {
        yield 'item';
        if (fails) throw down;
        return 'end';
      }, stack());
      const stream = call(false);
      expect([await stream.next(), await stream.next()]).toEqual([{ done: false, value: 'item' }, { done: true, value: 'end' }]);
      const failing = call(true);
      await failing.next();
      expect(await rejectionOf(failing.next())).toBe(down);
      const left = call(false);
      await left.next();
      expect(await left.return('left')).toEqual({ done: true, value: 'left' });
      const thrown = call(false);
      await thrown.next();
      expect(await rejectionOf(thrown.throw(down))).toBe(down);
      expect(call.breaker!.stats.failures).toBeGreaterThan(0);
    });
    expect(clock.armed).toBe(0);
  });

  it('lets a retry around it know that a circuit inside it has opened, for streams as well', async () => {
    await withRegistry(registry, async () => {
      let runs = 0;
      const call = withPolicies(async function* (): AsyncGenerator<string> {
        runs++;
        throw down;
      }, [retry({ baseDelay: 5000, maxAttempts: 3, jitter: false, allow }), timeout({ duration: 100, mode, allow }), circuitBreaker({ failureThreshold: 1 })]);
      expect(await rejectionOf(call().next())).toBe(down);
      expect([runs, clock.now()]).toEqual([1, 0]);
    });
  });

  it('rejects a stream of a call that was aborted before', async () => {
    const reason = new Error('left');
    const controller = new AbortController();
    controller.abort(reason);
    await withRegistry(registry, async () => {
      let began = false;
      const call = withPolicies(async function* (): AsyncGenerator<string> {
        began = true;
        yield 'item';
      }, [retry({ signal: controller.signal, allow }), timeout({ duration: 100, mode })]);
      expect(await rejectionOf(call().next())).toBe(reason);
      expect(began).toBe(false);
    });
  });
});

it('an iterator without return and throw can be left, and thrown into', async () => {
  const clock = new TimerClock();
  const iterator = () => ({ [Symbol.asyncIterator]() { return this; }, next: async () => ({ done: false, value: 'item' }) });
  const call = withPolicies(iterator, { registry: new BreakerRegistry({ clock }), timeout: 100, stream: true } as never) as unknown as () => AsyncGenerator<string>;
  const left = call();
  await left.next();
  expect(await left.return('left')).toEqual({ done: true, value: 'left' });
  const thrown = call();
  await thrown.next();
  const mine = new Error('mine');
  expect(await rejectionOf(thrown.throw(mine))).toBe(mine);
  expect(clock.armed).toBe(0);
});

describe('a timeout around a queue', () => {
  it('ends a call that waits in it, which leaves at once', async () => {
    const clock = new TimerClock();
    const fn = pending();
    const call = withPolicies(fn, [
      timeout({ duration: 100, clock, allow }),
      bulkhead({ maxConcurrent: 1, maxQueue: 1, clock, allow }),
    ]);
    const running = rejectionOf(call());
    const waiting = rejectionOf(call());
    await clock.advance(100);
    expect(await Promise.all([running, waiting])).toMatchObject([{ code: 'BREAKER_TIMEOUT' }, { code: 'BREAKER_TIMEOUT' }]);
    expect(fn).toHaveBeenCalledTimes(1);
    expect(clock.armed).toBe(0);
  });
});
