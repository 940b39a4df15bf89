import { BreakerRegistry, RetryBudget, withPolicies, withRegistry, withRetry, type RetryBudgetOptions } from '../../lib';
import { fails, rejectionOf, scripted } from '../composition/support/flaky';
import { TimerClock } from '../support/timer-clock';

let warnings: jest.SpyInstance;

beforeEach(() => {
  warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
});

afterEach(() => {
  warnings.mockRestore();
});

const told = (): string[] =>
  warnings.mock.calls
    .filter(([, options]: [string, { code?: string }]) => options.code === 'BREAKER_BOX_BUDGET_CONFLICT')
    .map(([message]: [string]) => message);

/** An operation that fails. @returns Calls it, and tells how often its function ran. */
function failing(budget: RetryBudget | RetryBudgetOptions, registry?: BreakerRegistry, clock?: TimerClock) {
  const fn = scripted(fails());
  const call = withRetry(fn, { budget, baseDelay: 0, maxAttempts: 10, registry, clock });
  return async (): Promise<number> => {
    fn.mockClear();
    await rejectionOf(call());
    return fn.mock.calls.length;
  };
}

describe('a budget with a name', () => {
  it('is one for all operations of a registry', async () => {
    const registry = new BreakerRegistry();
    const first = failing({ name: 'search', quota: 5 }, registry);
    const second = failing({ name: 'search', quota: 5 }, registry);
    expect(await first()).toBe(6);
    expect(await second()).toBe(1);
    expect(told()).toEqual([]);
  });

  it('is one for all its layers and operations, whichever kind of wrapper they have', async () => {
    const registry = new BreakerRegistry();
    const fn = scripted(fails());
    const call = withPolicies(fn, { retry: { budget: { name: 'search' }, baseDelay: 0, maxAttempts: 10 }, registry });
    expect(await failing({ name: 'search', quota: 3 }, registry)()).toBe(4);
    await rejectionOf(call());
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it('is another one in another registry: tests and tenants are apart', async () => {
    const [one, other] = [new BreakerRegistry(), new BreakerRegistry()];
    const run = failing({ name: 'search', quota: 2 });
    expect(await withRegistry(one, run)).toBe(3);
    expect(await withRegistry(one, run)).toBe(1);
    expect(await withRegistry(other, run)).toBe(3);
    expect(await withRegistry(one, run)).toBe(1);
  });

  it('goes by the clock of the operation that came first, or by its own', async () => {
    const [clock, later] = [new TimerClock(), new TimerClock()];
    const registry = new BreakerRegistry();
    const budget: RetryBudgetOptions = { name: 'search', ratio: 0, minPerSecond: 1, ttl: '1s' };
    const first = failing(budget, registry, clock);
    const second = failing(budget, registry, later);
    expect(await clock.until(first())).toBe(2);
    await later.advance(10_000);
    expect(await later.until(second())).toBe(1);
    await clock.advance(1000);
    expect(await later.until(second())).toBe(2);
  });

  it('is meant by its name alone, which agrees with any numbers', async () => {
    const registry = new BreakerRegistry();
    await failing({ name: 'search', quota: 3 }, registry)();
    expect(await failing({ name: 'search' }, registry)()).toBe(1);
    expect(told()).toEqual([]);
  });

  it.each<[RetryBudgetOptions, RetryBudgetOptions, string]>([
    [{ ratio: 0.1 }, { ratio: 0.5, ttl: '20s' }, "'search' has ratio 0.1, minPerSecond 10, ttl 10000; another operation gives it ratio 0.5, ttl 20000"],
    [{}, { quota: 500 }, "'search' has ratio 0.2, minPerSecond 10, ttl 10000; another operation gives it quota 500"],
    [{ quota: 500 }, { minPerSecond: 0 }, "'search' has quota 500; another operation gives it minPerSecond 0"],
  ])('keeps the numbers of the first, %p, and tells once of others', async (first, other, message) => {
    const registry = new BreakerRegistry();
    await failing({ name: 'search', ...first }, registry)();
    await failing({ name: 'search', ...other }, registry)();
    await failing({ name: 'search', ...other }, registry)();
    expect(told()).toEqual([expect.stringContaining(message)]);
    expect(told()[0]).toContain('the same numbers, or all but the first the name alone');
  });

  it('takes the defaults for the same as numbers that say them', async () => {
    const registry = new BreakerRegistry();
    await failing({ name: 'search' }, registry)();
    await failing({ name: 'search', ratio: 0.2, minPerSecond: 10, ttl: 10_000 }, registry)();
    expect(told()).toEqual([]);
  });

  it.each(['__proto__', 'constructor', ''])('rule 34: may be any text, such as %p', async (name) => {
    const registry = new BreakerRegistry();
    expect(await failing({ name, quota: 1 }, registry)()).toBe(2);
    expect(await failing({ name, quota: 1 }, registry)()).toBe(1);
  });
});

describe('a budget object', () => {
  it('is one for all operations, registries and clocks that are given it', async () => {
    const budget = new RetryBudget({ quota: 3 });
    expect(await failing(budget, new BreakerRegistry())()).toBe(4);
    expect(await failing(budget, new BreakerRegistry({ clock: new TimerClock() }))()).toBe(1);
  });
});
