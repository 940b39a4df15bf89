import fc from 'fast-check';
import { BreakerRegistry, withBreaker, withPolicies, withRetry } from '../../lib';
import { clearOverride, configure, forceOpen } from '../../lib/operate';
import { reactions, TimerClock } from '../support/timer-clock';
import { runs } from '../support/runs';

type End = 'works' | 'fails' | 'aborts' | 'hangs';

/** How one call of the function ends, in an order that the scheduler chooses. */
const ends = fc.array(fc.constantFrom<End>('works', 'works', 'fails', 'fails', 'aborts'), { minLength: 1, maxLength: 12 });

function flakyBy(scheduler: fc.Scheduler, script: readonly End[]) {
  let attempts = 0;
  const fn = async (): Promise<number> => {
    const attempt = attempts++;
    await scheduler.schedule(Promise.resolve(), `attempt ${attempt}`);
    const end = script[attempt % script.length];
    if (end === 'fails') throw new Error(`down ${attempt}`);
    if (end === 'aborts') throw new DOMException('cancelled', 'AbortError');
    return attempt;
  };
  return { fn, attempts: () => attempts };
}

/** Lets everything end, attempts in an order of the scheduler's, waits in between. */
async function settleAll(scheduler: fc.Scheduler, clock: TimerClock): Promise<void> {
  for (let round = 0; round < 200; round++) {
    await reactions();
    if (scheduler.count() > 0) await scheduler.waitOne();
    else if (clock.armed > 0) await clock.advance(10);
    else return;
  }
}

describe('calls that race', () => {
  it('count each attempt once, under a retry and a breaker, in whatever order attempts end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), ends, fc.integer({ min: 1, max: 6 }), async (scheduler, script, calls) => {
        const clock = new TimerClock();
        const { fn, attempts } = flakyBy(scheduler, script);
        const wrapped = withPolicies(fn, {
          name: 'a', registry: new BreakerRegistry(), clock, random: () => 0.5,
          retry: { maxAttempts: 3, baseDelay: 10 }, breaker: { failureThreshold: 3, recoveryTimeout: 50 },
        });
        const results = Array.from({ length: calls }, () => wrapped().then((value) => ({ value }), (error: unknown) => ({ error })));

        await settleAll(scheduler, clock);
        const settled = await Promise.all(results);

        const { stats } = wrapped.breaker!;
        expect(settled).toHaveLength(calls);
        expect(stats.calls + stats.late).toBe(attempts());
        expect(attempts()).toBeLessThanOrEqual(calls * 3);
        expect(clock.armed).toBe(0);
        expect(stats.calls).toBe(stats.successes + stats.failures + stats.ignored);
        for (const end of settled) if ('value' in end) expect(script[end.value % script.length]).toBe('works');
      }),
      { numRuns: runs(150) },
    );
  });

  it('open a circuit once, however many fail together, and let through no call more until it recovers', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 3, max: 20 }), async (scheduler, calls) => {
        const clock = new TimerClock();
        const registry = new BreakerRegistry({ clock });
        const opened: unknown[] = [];
        registry.on('transition', ({ to }) => opened.push(to));
        const { fn, attempts } = flakyBy(scheduler, ['fails']);
        const wrapped = withBreaker(fn, { name: 'a', failureThreshold: 3, registry });
        const results = Array.from({ length: calls }, () => wrapped().catch((error: Error) => error.message));
        await settleAll(scheduler, clock);
        await Promise.all(results);

        await expect(wrapped()).rejects.toMatchObject({ code: 'BREAKER_OPEN' });
        expect(opened).toEqual(['open']);
        expect(attempts()).toBe(calls);
        expect(wrapped.breaker!.stats).toMatchObject({ failures: 3, late: calls - 3, rejected: 1 });
      }),
      { numRuns: runs(60) },
    );
  });

  it('keep the keys of an operation apart', async () => {
    const keys = ['a', 'b', '__proto__'];
    const script = fc.array(fc.record({ key: fc.constantFrom(...keys), fails: fc.boolean() }), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), script, async (scheduler, calls) => {
        const clock = new TimerClock();
        const done: { key: string; fails: boolean }[] = [];
        const wrapped = withBreaker(
          async (key: string, fails: boolean) => {
            await scheduler.schedule(Promise.resolve(), key);
            done.push({ key, fails });
            if (fails) throw new Error('down');
          },
          { name: 'hosts', key: (key) => key, failureThreshold: Infinity, registry: new BreakerRegistry({ clock }) },
        );
        const results = calls.map(({ key, fails }) => wrapped(key, fails).catch(() => undefined));
        await settleAll(scheduler, clock);
        await Promise.all(results);
        for (const key of keys) {
          const own = done.filter((one) => one.key === key);
          const lastSuccess = own.map(({ fails }) => fails).lastIndexOf(false);
          const stats = wrapped.breakers.get(key)?.stats;
          expect(stats?.calls ?? 0).toBe(own.length);
          expect(stats?.consecutiveFailures ?? 0).toBe(own.length - 1 - lastSuccess);
        }
      }),
      { numRuns: runs(100) },
    );
  });

  it('end, in whatever order deletion, reset, trip and configure come in between', async () => {
    const acts = fc.array(fc.constantFrom('delete', 'reset', 'trip', 'configure', 'forceOpen', 'clear', 'time'), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), ends, acts, async (scheduler, script, actions) => {
        const clock = new TimerClock();
        const registry = new BreakerRegistry({ clock });
        const { fn, attempts } = flakyBy(scheduler, script);
        const wrapped = withRetry(withBreaker(fn, { name: 'a', failureThreshold: 2, recoveryTimeout: 20, registry }), {
          maxAttempts: 4, baseDelay: 10, jitter: false,
        });
        const results = Array.from({ length: 4 }, () => wrapped().then(() => 'value', () => 'error'));
        const acting = actions.map((action) =>
          scheduler.schedule(Promise.resolve(), action).then(async () => {
            if (action === 'delete') registry.delete('a');
            else if (action === 'reset') registry.reset('a');
            else if (action === 'trip') registry.trip('a');
            else if (action === 'configure') configure(registry, 'a', { failureThreshold: 1 });
            else if (action === 'forceOpen') forceOpen(registry, 'a');
            else if (action === 'clear') clearOverride(registry, 'a');
            else await clock.advance(15);
          }),
        );
        await settleAll(scheduler, clock);
        await Promise.all(acting);
        expect((await Promise.all(results)).filter((end) => end === 'value' || end === 'error')).toHaveLength(4);
        expect(attempts()).toBeLessThanOrEqual(16);
        expect(clock.armed).toBe(0);
        registry.reset();
        clearOverride(registry);
        expect(wrapped.breaker!.state).toBe('closed');
      }),
      { numRuns: runs(150) },
    );
  });
});
