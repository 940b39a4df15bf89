import fc from 'fast-check';
import { BreakerRegistry, ConfigurationError, RetryBudget, retryBudget, withPolicies, withRetry, type Clock, type RetryBudgetOptions, type RetryOptions } from '../../lib';
import { fails, rejectionOf, scripted, works, type Step } from '../composition/support/flaky';
import { TimerClock } from '../support/timer-clock';
import { runs } from '../support/runs';

class Throttled extends Error {}

/** Time in which every wait is over at once. */
const atOnce: Clock = {
  now: () => 0,
  setTimeout: (fn) => { queueMicrotask(fn); },
  clearTimeout: () => undefined,
};

const costs: RetryBudgetOptions['cost'] = (error) => (error instanceof Throttled ? 5 : 14);

describe('rule 23: a retry quota', () => {
  const clock = new TimerClock();
  const registry = new BreakerRegistry({ clock });

  async function run(budget: RetryBudget, options: RetryOptions, ...steps: Step[]): Promise<number> {
    const fn = scripted(...steps);
    const call = withRetry(fn, { baseDelay: 0, maxAttempts: 3, budget, registry, ...options });
    await clock.until(call()).catch(() => undefined);
    return fn.mock.calls.length;
  }

  it('starts full', () => {
    expect(new RetryBudget({ quota: 500 }).balance).toBe(500);
  });

  it('pays the cost of each retry, and is not given it back by a call that failed', async () => {
    const budget = new RetryBudget({ quota: 500, cost: costs });
    expect(await run(budget, {}, fails())).toBe(3);
    expect(budget.balance).toBe(500 - 14 - 14);
    expect(await run(budget, {}, fails(new Throttled()))).toBe(3);
    expect(budget.balance).toBe(500 - 28 - 5 - 5);
  });

  it('gets back what the last retry withdrew, when that works', async () => {
    const budget = new RetryBudget({ quota: 500, cost: costs });
    await run(budget, {}, fails(), works());
    expect(budget.balance).toBe(500);
    await run(budget, {}, fails(new Throttled()), fails(), works());
    expect(budget.balance).toBe(500 - 5);
    await run(budget, {}, fails(), fails(new Throttled()), works());
    expect(budget.balance).toBe(500 - 5 - 14);
  });

  it('gets back 1 from a call that works at once, and never above the quota', async () => {
    const budget = new RetryBudget({ quota: 20, cost: costs });
    await run(budget, { maxAttempts: 2 }, fails());
    expect(budget.balance).toBe(6);
    for (let n = 1; n <= 20; n++) {
      expect(await run(budget, {}, works())).toBe(1);
      expect(budget.balance).toBe(Math.min(20, 6 + n));
    }
  });

  it('gets nothing for values that handleResult refuses', async () => {
    const budget = new RetryBudget({ quota: 10 });
    expect(await run(budget, { handleResult: () => true }, works())).toBe(3);
    expect(budget.balance).toBe(8);
  });

  it('lets no retry through that it cannot pay: the original error is thrown at once', async () => {
    const budget = new RetryBudget({ quota: 20, cost: costs });
    const error = new Error('down');
    const fn = scripted(fails(error));
    const call = withRetry(fn, { baseDelay: 0, maxAttempts: 9, budget, registry });
    expect(await rejectionOf(clock.until(call()))).toBe(error);
    expect(fn).toHaveBeenCalledTimes(2);
    expect(budget.balance).toBe(6);
    expect(await run(budget, { maxAttempts: 9 }, fails(new Throttled()))).toBe(2);
    expect(budget.balance).toBe(1);
  });

  it('does not come back with time', async () => {
    const budget = new RetryBudget({ quota: 1, clock });
    expect(budget.tryWithdraw(undefined)).toBe(true);
    await clock.advance(1_000_000);
    expect(budget.tryWithdraw(undefined)).toBe(false);
  });

  it('never has less than nothing, nor more than its quota, whatever calls do', () => {
    const step = fc.oneof(fc.constant('success' as const), fc.constant('deposit' as const), fc.double({ min: 0, max: 30, noNaN: true }));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.array(step, { maxLength: 200 }), (quota, steps) => {
        const budget = new RetryBudget({ quota, cost: (price) => price as number });
        let model = quota;
        let withdrawn: number | undefined;
        for (const one of steps) {
          if (one === 'deposit') budget.deposit();
          else if (one === 'success') {
            budget.giveBack(withdrawn);
            model = Math.min(quota, model + (withdrawn ?? 1));
            withdrawn = undefined;
          } else {
            const paid = budget.withdraw(one);
            expect(paid).toBe(one <= model ? one : undefined);
            if (paid !== undefined) model -= paid;
            withdrawn = paid ?? withdrawn;
          }
          expect(budget.balance).toBe(model);
          expect(budget.balance).toBeGreaterThanOrEqual(0);
          expect(budget.balance).toBeLessThanOrEqual(quota);
        }
      }),
      { numRuns: runs(200) },
    );
  });

  it('holds while calls run side by side and end in any order, and all of it is back when they have worked', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(fc.nat(3), { minLength: 2, maxLength: 12 }), async (scheduler, failures) => {
        const quota = 6;
        const budget = new RetryBudget({ quota });
        let runs = 0;
        let isOver = false;
        const call = withRetry(
          async (times: { left: number }) => {
            runs++;
            if (!isOver) await scheduler.schedule(Promise.resolve());
            expect(budget.balance).toBeGreaterThanOrEqual(0);
            expect(budget.balance).toBeLessThanOrEqual(quota);
            if (times.left-- > 0) throw new Error('down');
          },
          { budget, baseDelay: 0, maxAttempts: 2, clock: atOnce, registry: new BreakerRegistry() },
        );
        const calls = failures.map(async (left) => call({ left }));
        await scheduler.waitFor(Promise.allSettled(calls));
        const outcomes = await Promise.allSettled(calls);
        const retries = runs - calls.length;
        const worked = outcomes.filter(({ status }) => status === 'fulfilled').length;
        // A retry that did not work took 1 for good, but for what working calls brought.
        const wasted = retries - failures.filter((left, n) => left === 1 && outcomes[n]!.status === 'fulfilled').length;
        expect(wasted).toBeLessThanOrEqual(quota + worked);
        expect(budget.balance).toBeGreaterThanOrEqual(Math.min(quota, quota - wasted));
        isOver = true;
        for (let n = 0; n < quota; n++) await call({ left: 0 });
        expect(budget.balance).toBe(quota);
      }),
      { numRuns: runs(60) },
    );
  });

  it.each<[RetryBudgetOptions, string]>([
    [{ quota: 0 }, 'must be an integer >= 1'],
    [{ quota: 1.5 }, 'must be an integer >= 1'],
    [{ quota: Infinity }, 'must be an integer >= 1'],
    [{ quota: 500, ratio: 0.2 }, 'quota and ratio exclude each other'],
    [{ quota: 500, minPerSecond: 0, ttl: '10s' }, 'quota and minPerSecond, ttl exclude each other'],
  ])('refuses %p, where it is made and as an option of policies', (given, message) => {
    const issuesOf = (make: () => unknown): unknown => {
      try {
        make();
      } catch (error) {
        if (error instanceof ConfigurationError) return error.issues.map((issue) => [issue.path, issue.message]);
      }
      return undefined;
    };
    expect(issuesOf(() => new RetryBudget(given))).toEqual([['quota', expect.stringContaining(message)]]);
    expect(issuesOf(() => retryBudget(given))).toEqual([['quota', expect.stringContaining(message)]]);
    expect(issuesOf(() => withPolicies(scripted(works()), { retry: { budget: given } }))).toEqual([['retry.budget.quota', expect.stringContaining(message)]]);
  });
});

describe('a budget of a share of calls', () => {
  it('gets nothing back from calls that work', () => {
    const budget = new RetryBudget({ ratio: 0.5, minPerSecond: 1, ttl: '2s', clock: new TimerClock() });
    expect(budget.withdraw(undefined)).toBe(1);
    budget.giveBack(1);
    budget.giveBack();
    expect(budget.balance).toBe(1);
  });
});
