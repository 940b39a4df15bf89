import { BreakerRegistry, RetryBudget, retryBudget, withPolicies, withRegistry, withRetry, type ConfigurationError, type RetryBudgetOptions } from '../../lib';
import { fails, rejectionOf, scripted } from '../composition/support/flaky';
import { errorOf } from '../support/decorator-fixtures/misuse';
import { TimerClock } from '../support/timer-clock';

/** An operation that fails. @returns Calls it, and tells how often its function ran. */
function failing(budget: RetryBudget | RetryBudgetOptions, registry?: BreakerRegistry, clock?: TimerClock) {
  const fn = scripted(fails());
  const call = withRetry(fn, { budget: budget instanceof RetryBudget ? budget : retryBudget(budget), baseDelay: 0, maxAttempts: 10, registry, clock });
  return async (): Promise<number> => {
    fn.mockClear();
    await rejectionOf(call());
    return fn.mock.calls.length;
  };
}

describe('a budget with a group', () => {
  it('is one for all operations of a registry', async () => {
    const registry = new BreakerRegistry();
    const first = failing({ group: 'search', quota: 5 }, registry);
    const second = failing({ group: 'search', quota: 5 }, registry);
    expect(await first()).toBe(6);
    expect(await second()).toBe(1);
  });

  it('is one for all its layers and operations, whichever kind of wrapper they have', async () => {
    const registry = new BreakerRegistry();
    const fn = scripted(fails());
    const call = withPolicies(fn, { retry: { budget: { group: 'search' }, baseDelay: 0, maxAttempts: 10 }, registry });
    expect(await failing({ group: 'search', quota: 3 }, registry)()).toBe(4);
    await rejectionOf(call());
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it('is another one in another registry: tests and tenants are apart', async () => {
    const [one, other] = [new BreakerRegistry(), new BreakerRegistry()];
    const run = failing({ group: 'search', quota: 2 });
    expect(await withRegistry(one, run)).toBe(3);
    expect(await withRegistry(one, run)).toBe(1);
    expect(await withRegistry(other, run)).toBe(3);
    expect(await withRegistry(one, run)).toBe(1);
  });

  it('goes by the clock of the operation that came first, or by its own', async () => {
    const [clock, later] = [new TimerClock(), new TimerClock()];
    const registry = new BreakerRegistry();
    const budget: RetryBudgetOptions = { group: 'search', ratio: 0, minPerSecond: 1, ttl: '1s' };
    const first = failing(budget, registry, clock);
    const second = failing(budget, registry, later);
    expect(await clock.until(first())).toBe(2);
    await later.advance(10_000);
    expect(await later.until(second())).toBe(1);
    await clock.advance(1000);
    expect(await later.until(second())).toBe(2);
  });

  it('is meant by its group alone, which agrees with any numbers', async () => {
    const registry = new BreakerRegistry();
    await failing({ group: 'search', quota: 3 }, registry)();
    expect(await failing({ group: 'search' }, registry)()).toBe(1);
  });

  it.each<[RetryBudgetOptions, RetryBudgetOptions, string, string[]]>([
    [{ ratio: 0.1 }, { ratio: 0.5, ttl: '20s' }, "'search' has ratio 0.1, minPerSecond 10, ttl 10000", ['budget.ratio', 'budget.ttl']],
    [{}, { quota: 500 }, "'search' has ratio 0.2, minPerSecond 10, ttl 10000", ['budget.quota']],
    [{ quota: 500 }, { minPerSecond: 0 }, "'search' has quota 500", ['budget.minPerSecond']],
  ])('rule 61: of %p, refuses other numbers, %p', async (first, other, message, paths) => {
    const registry = new BreakerRegistry();
    await failing({ group: 'search', ...first }, registry)();
    const protect = (): unknown => withRetry(async () => 'it', { budget: retryBudget({ group: 'search', ...other }), registry });
    const error = errorOf(protect) as ConfigurationError;
    expect(error).toMatchObject({ code: 'BREAKER_CONFIG', issues: paths.map((path) => ({ path })) });
    expect(error.message).toContain(message);
    expect(error.message).toContain('the same numbers, or all but the first the group alone');
    expect(errorOf(protect)).toMatchObject({ code: 'BREAKER_CONFIG' });
  });

  it('takes the defaults for the same as numbers that say them', async () => {
    const registry = new BreakerRegistry();
    await failing({ group: 'search' }, registry)();
    expect(await failing({ group: 'search', ratio: 0.2, minPerSecond: 10, ttl: 10_000 }, registry)()).toBeGreaterThan(0);
  });

  it.each(['__proto__', 'constructor', ''])('rule 34: may be any text, such as %p', async (group) => {
    const registry = new BreakerRegistry();
    expect(await failing({ group, quota: 1 }, registry)()).toBe(2);
    expect(await failing({ group, quota: 1 }, registry)()).toBe(1);
  });
});

describe('a budget object', () => {
  it('is one for all operations, registries and clocks that are given it', async () => {
    const budget = new RetryBudget({ quota: 3 });
    expect(await failing(budget, new BreakerRegistry())()).toBe(4);
    expect(await failing(budget, new BreakerRegistry({ clock: new TimerClock() }))()).toBe(1);
  });
});
