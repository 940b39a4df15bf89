import { BreakerRegistry, circuitBreaker, hedge, retry, retryBudget, withPolicies, withRetry, type RetryEvent, type RetryOptions } from '../../lib';
import { givenUpWith, noteAttempts } from '../../lib/retry/attempts';
import { fails, pending, rejectionOf, scripted, works } from '../composition/support/flaky';
import { collectWarnings } from '../registry/support/warnings';
import { TimerClock } from '../support/timer-clock';

let clock: TimerClock;
let registry: BreakerRegistry;
let warnings: ReturnType<typeof collectWarnings>;

beforeEach(() => {
  clock = new TimerClock();
  registry = new BreakerRegistry({ clock });
  warnings = collectWarnings();
});
afterEach(() => {
  warnings.stop();
});

const retried = (fn: () => Promise<unknown>, name: string, options: RetryOptions = {}) =>
  withRetry(fn, { name, registry, maxAttempts: 2, baseDelay: 1, jitter: false, ...options });

describe('what a retry tells the policies around and inside it', () => {
  it.each<[RetryOptions, string[]]>([
    [{}, ['BREAKER_BOX_RETRY_INSIDE_BREAKER']],
    [{ maxAttempts: 1 }, []],
    [{ idempotent: false }, []],
    [{ idempotent: () => false }, ['BREAKER_BOX_RETRY_INSIDE_BREAKER']],
  ])('that it may run them again, with %j', async (options, codes) => {
    withPolicies(async () => 1, [circuitBreaker({ registry }), retry(options)]);
    expect(warnings.codes()).toEqual(codes);
  });

  it('its budget, which a hedge inside it pays from', async () => {
    const fn = pending();
    const call = withPolicies(fn, [
      retry({ registry, budget: retryBudget({ ratio: 0, minPerSecond: 0.1 }), maxAttempts: 2 }), hedge({ delay: 10, maxHedges: 5, idempotent: true }),
    ]);
    void call();
    await clock.advance(1000);
    expect(fn).toHaveBeenCalledTimes(2);
  });

  it('the time that each attempt may take', async () => {
    const call = retried(() => new Promise<never>(() => {}), 'op', { attemptTimeout: 20 });
    expect(await rejectionOf(clock.until(call()))).toMatchObject({ code: 'BREAKER_TIMEOUT', timeout: 20 });
    expect(clock.now()).toBe(41);
  });
});

it('a retry tells the listeners of its registry of each wait', async () => {
  const events: RetryEvent[] = [];
  registry.on('retry', (event) => events.push(event));
  const down = new Error('down');
  await clock.until(retried(scripted(fails(down), works()), 'op')());
  expect(events).toMatchObject([{ type: 'retry', operation: 'op', attempt: 1, delay: 1, error: down }]);
});

describe('a budget of the retry’s own', () => {
  it.each(['its own', 'its registry’s'])('is filled again by %s clock', async (whose) => {
    const box = whose === 'its own' ? new BreakerRegistry() : registry;
    const fn = scripted(fails());
    const call = retried(fn, 'op', { registry: box, clock: whose === 'its own' ? clock : undefined, budget: retryBudget({ ratio: 0, minPerSecond: 0.1 }) });
    const runs = async () => {
      const before = fn.mock.calls.length;
      await rejectionOf(clock.until(call()));
      return fn.mock.calls.length - before;
    };
    expect([await runs(), await runs()]).toEqual([2, 1]);
    await clock.advance(60_000);
    expect(await runs()).toBe(2);
  });
});

describe('retries inside retries', () => {
  it('run once where they are to be suppressed, also when the outer one is as well', async () => {
    for (const nested of ['allow', 'suppress'] as const) {
      const fn = scripted(fails());
      const inner = retried(fn, `inner ${nested}`, { nested: 'suppress', maxAttempts: 3 });
      await rejectionOf(clock.until(retried(() => inner(), `outer ${nested}`, { nested })()));
      expect(fn).toHaveBeenCalledTimes(2);
      fn.mockClear();
      await rejectionOf(clock.until(inner()));
      expect(fn).toHaveBeenCalledTimes(3);
    }
  });

  it('run as often as they are told to where nothing is suppressed, whatever others are', async () => {
    retried(async () => 1, 'another', { nested: 'suppress' });
    const fn = scripted(fails());
    const inner = retried(fn, 'inner', { maxAttempts: 3 });
    await rejectionOf(clock.until(retried(() => inner(), 'outer')()));
    expect(fn).toHaveBeenCalledTimes(6);
  });

  it('are told of from four runs of one function within a call on', async () => {
    const inner = retried(scripted(fails()), 'inner');
    await rejectionOf(clock.until(retried(() => inner(), 'outer')()));
    expect(warnings.messages()).toEqual([expect.stringContaining("the retry of 'outer' repeats what a retry of 'inner' inside it had given up: 4 attempts")]);
  });

  it('are not told of before: an attempt that did not come to the inner one is one run', async () => {
    const inner = retried(scripted(fails()), 'inner');
    let attempts = 0;
    const outer = async () => {
      if (++attempts === 1) throw new Error('before');
      return inner();
    };
    await rejectionOf(clock.until(retried(outer, 'outer')()));
    expect(warnings.codes()).toEqual([]);
  });

  it('are not told of where one budget bounds both, and are where each has its own', async () => {
    const plenty = { ratio: 1, minPerSecond: 100 };
    const nest = async (inner: RetryOptions, outer: RetryOptions, name: string) => {
      const call = retried(scripted(fails()), `inner ${name}`, inner);
      await rejectionOf(clock.until(retried(() => call(), `outer ${name}`, outer)()));
      return warnings.codes().length;
    };
    const shared = { group: 'shared', ...plenty };
    expect(await nest({ budget: retryBudget(shared) }, { budget: retryBudget(shared) }, 'one')).toBe(0);
    expect(await nest({ budget: retryBudget(plenty) }, { budget: retryBudget(plenty) }, 'two')).toBe(1);
  });
});

it('an error that a retried call was given up with is known through four causes, and no more', () => {
  const given = new Error('down');
  noteAttempts(given, 'op', 3, []);
  const wrapped = (times: number): Error => (times === 0 ? given : new Error(`wrapped ${times}`, { cause: wrapped(times - 1) }));
  expect([0, 1, 4, 5].map((times) => givenUpWith(wrapped(times))?.attempts)).toEqual([3, 3, 3, undefined]);
  const circular = new Error('itself');
  circular.cause = circular;
  expect(givenUpWith(circular)).toBeUndefined();
  expect([undefined, null, 'down'].map(givenUpWith)).toEqual([undefined, undefined, undefined]);
});
