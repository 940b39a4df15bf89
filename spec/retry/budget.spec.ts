import fc from 'fast-check';
import { BreakerRegistry, ConfigurationError, RetryBudget, retryBudget, withPolicies, withRegistry, withRetry, type RetryBudgetOptions, type RetryOptions } from '../../lib';
import { fails, rejectionOf, scripted, works, type Step } from '../composition/support/flaky';
import { TimerClock } from '../support/timer-clock';
import { runs } from '../support/runs';

const registry = new BreakerRegistry();

function operation(clock: TimerClock, budget: RetryOptions['budget'], ...steps: Step[]) {
  const fn = scripted(...steps);
  const call = withRetry(fn, { clock, budget, baseDelay: 0, maxAttempts: 4, registry });
  return { fn, call: () => clock.until(call()) };
}

const emptyFrom = (given: RetryBudgetOptions = {}): RetryBudgetOptions => ({ ratio: 0.5, minPerSecond: 0, ...given });

describe('rule 23: the retry budget', () => {
  it('throws the original error at once when nothing is left', async () => {
    const clock = new TimerClock();
    const error = new Error('down');
    const { fn, call } = operation(clock, retryBudget(emptyFrom()), fails(error));
    expect(await rejectionOf(call())).toBe(error);
    expect(fn).toHaveBeenCalledTimes(1);
    expect(clock.delays).toEqual([]);
  });

  it('gets a deposit of ratio from each call, when the call starts, and pays 1 for a retry', async () => {
    const clock = new TimerClock();
    const budget = new RetryBudget(emptyFrom({ clock }));
    const good = operation(clock, budget, works());
    await good.call();
    expect(budget.balance).toBe(0.5);

    const bad = operation(clock, budget, fails());
    await rejectionOf(bad.call());
    expect(bad.fn).toHaveBeenCalledTimes(2);
    expect(budget.balance).toBe(0);
  });

  it('has ratio 0.2, ten retries a second and a ttl of 10 s by default', () => {
    const clock = new TimerClock();
    const budget = new RetryBudget({ clock });
    expect(budget.balance).toBe(100);
    budget.deposit();
    expect(budget.balance).toBeCloseTo(100.2);
  });

  it('lets deposits expire after the ttl', async () => {
    const clock = new TimerClock();
    const budget = new RetryBudget(emptyFrom({ clock, ttl: '10s' }));
    await clock.advance(9999);
    budget.deposit();
    await clock.advance(9000);
    expect(budget.balance).toBe(0.5);
    await clock.advance(1001);
    expect(budget.balance).toBe(0);
  });

  it('lets deposits expire on a clock that starts below zero, and as it passes zero', () => {
    let now = -20_000;
    const clock = { now: () => now, setTimeout: () => 0, clearTimeout: () => undefined };
    const budget = new RetryBudget(emptyFrom({ clock, ttl: '10s' }));
    budget.deposit();
    now = -10_000;
    expect(budget.balance).toBe(0);
    budget.deposit();
    now = -1000;
    expect(budget.balance).toBe(0.5);
    now = 0;
    expect(budget.balance).toBe(0);
  });

  it('trickles back what was spent of the minimum', async () => {
    const clock = new TimerClock();
    const budget = new RetryBudget({ ratio: 0, minPerSecond: 1, ttl: 3000, clock });
    const spend = () => Array.from({ length: 10 }, () => budget.tryWithdraw(undefined)).filter(Boolean).length;
    expect(spend()).toBe(3);
    expect(spend()).toBe(0);
    await clock.advance(3000);
    expect(spend()).toBe(3);
  });

  it('asks cost for the price of a retry', async () => {
    const clock = new TimerClock();
    const budget = new RetryBudget({ ratio: 0, minPerSecond: 1, ttl: 10_000, clock, cost: (error) => (error as { price: number }).price });
    expect(budget.tryWithdraw({ price: 7 })).toBe(true);
    expect(budget.tryWithdraw({ price: 4 })).toBe(false);
    expect(budget.tryWithdraw({ price: 3 })).toBe(true);
    expect(budget.balance).toBe(0);
  });

  it.each([Number.NaN, -1, Infinity, 'much' as never])('takes 1 where cost answers %p, with one warning', (answer) => {
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const budget = new RetryBudget({ ratio: 0, minPerSecond: 1, ttl: 10_000, clock: new TimerClock(), cost: () => answer });
    budget.tryWithdraw(new Error('down'));
    budget.tryWithdraw(new Error('down'));
    expect(budget.balance).toBe(8);
    expect(warnings).toHaveBeenCalledTimes(1);
    warnings.mockRestore();
  });

  it('is shared by the operations that are given one, or the same group', async () => {
    const clock = new TimerClock();
    const shared = new RetryBudget(emptyFrom({ clock, ratio: 1 }));
    await operation(clock, shared, works()).call();
    const { fn, call } = operation(clock, shared, fails());
    await rejectionOf(call());
    expect(fn).toHaveBeenCalledTimes(3);

    await operation(clock, retryBudget(emptyFrom({ group: 'spec.shared', ratio: 1 })), works()).call();
    const named = operation(clock, retryBudget(emptyFrom({ group: 'spec.shared', ratio: 1 })), fails());
    await rejectionOf(named.call());
    expect(named.fn).toHaveBeenCalledTimes(3);
  });

  it('is each operation’s own otherwise', async () => {
    const clock = new TimerClock();
    const options = emptyFrom({ ratio: 1 });
    await operation(clock, retryBudget(options), works()).call();
    const { fn, call } = operation(clock, retryBudget(options), fails());
    await rejectionOf(call());
    expect(fn).toHaveBeenCalledTimes(2);
  });

  it('is not charged for an error that is not retried', async () => {
    const clock = new TimerClock();
    const budget = new RetryBudget({ ratio: 0, minPerSecond: 1, ttl: 10_000, clock });
    const abort = new DOMException('cancelled', 'AbortError');
    await rejectionOf(operation(clock, budget, fails(abort)).call());
    await rejectionOf(clock.until(withRetry(scripted(fails()), { clock, budget, maxAttempts: 1 })()));
    expect(budget.balance).toBe(10);
  });

  it('never lets more retries through than its share of the calls and its minimum allow', () => {
    const steps = fc.array(
      fc.oneof(fc.constant('call' as const), fc.constant('retry' as const), fc.integer({ min: 1, max: 2000 })),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(steps, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(5), (script, ratio, minPerSecond) => {
        let now = 0;
        const clock = { now: () => now, setTimeout: () => 0, clearTimeout: () => undefined };
        const budget = new RetryBudget({ ratio, minPerSecond, ttl: 1000, clock });
        let calls = 0;
        let retries = 0;
        for (const step of script) {
          if (step === 'call') {
            calls++;
            budget.deposit();
          } else if (step === 'retry') retries += budget.tryWithdraw(new Error('down')) ? 1 : 0;
          else now += step;
          expect(budget.balance).not.toBeNaN();
        }
        // What was spent of the minimum comes back a ttl later, by slices of a tenth of it.
        const minimum = minPerSecond * (Math.floor(now / 900) + 1);
        expect(retries).toBeLessThanOrEqual(calls * ratio + minimum + 1e-6);
      }),
      { numRuns: runs(300) },
    );
  });

  it.each([{ ratio: -1 }, { ratio: Number.NaN }, { minPerSecond: -0.1 }, { ttl: 0 }, { ttl: 'x' }, { cost: 3 }, { ratios: 1 }, { group: 7 }, { name: 'x' }])(
    'refuses %p, where it is made and as an option of policies',
    (given) => {
      const option = Object.keys(given)[0]!;
      const issuesOf = (make: () => unknown) => {
        try {
          make();
        } catch (error) {
          if (error instanceof ConfigurationError) return error.issues.map(({ path }) => path);
        }
        return undefined;
      };
      expect(issuesOf(() => new RetryBudget(given as never))).toEqual([option]);
      expect(issuesOf(() => retryBudget(given as never))).toEqual([option]);
      expect(issuesOf(() => withPolicies(scripted(works()), { retry: { budget: given as never } }))).toEqual([`retry.budget.${option}`]);
    },
  );
});

describe('what a retry keeps from call to call', () => {
  const clock = new TimerClock();

  it('is kept while calls alternate between registries, for each registry by itself', async () => {
    const registries = [new BreakerRegistry({ clock }), new BreakerRegistry({ clock })];
    const fn = scripted(fails());
    const call = withRetry(fn, { maxAttempts: 2, baseDelay: 0, budget: retryBudget({ ratio: 0, minPerSecond: 1, ttl: '1s' }) });

    for (let n = 0; n < 20; n++) await rejectionOf(clock.until(withRegistry(registries[n % 2]!, () => call())));

    expect(fn).toHaveBeenCalledTimes(20 + registries.length);
  });

  it('is kept when the operation leaves its registry and enters it again', async () => {
    const registry = new BreakerRegistry({ clock });
    const fn = scripted(fails());
    const budget = retryBudget({ ratio: 0, minPerSecond: 1, ttl: '1s' });
    const call = withRetry(fn, { name: 'leaves', maxAttempts: 2, baseDelay: 0, budget, registry });

    for (let n = 0; n < 5; n++) {
      await rejectionOf(clock.until(call()));
      registry.delete('leaves');
    }

    expect(fn).toHaveBeenCalledTimes(5 + 1);
  });

  it('is what an adaptive backoff has learned, too', async () => {
    const time = new TimerClock();
    const registry = new BreakerRegistry({ clock: time });
    const fn = scripted(...Array.from({ length: 9 }, () => works()), fails(), works());
    const call = withRetry(fn, { name: 'learns', backoff: 'adaptive', baseDelay: 100, jitter: false, registry });

    for (let n = 0; n < 10; n++) {
      await time.until(call());
      registry.delete('learns');
    }

    expect(time.delays).toEqual([50]);
  });
});
