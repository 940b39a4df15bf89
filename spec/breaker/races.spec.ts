import fc from 'fast-check';
import { Breaker, CircuitOpenError, type BreakerOptions } from '../../lib';
import { snapshot } from '../../lib/operate';
import { ManualClock } from '../support/manual-clock';
import { runs } from '../support/runs';

const PROPERTY = { numRuns: runs(300) };

/** A breaker whose open time has just passed. */
function openBreaker(options: BreakerOptions = {}) {
  const clock = new ManualClock();
  const breaker = new Breaker({ clock, failureThreshold: 1, recoveryTimeout: 100, ...options });
  breaker.trip();
  clock.advance(100);
  return { breaker, clock };
}

describe('rule 10, in whatever order results come', () => {
  it('a hundred calls that fail together open the circuit once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 1, max: 100 }), async (scheduler, failureThreshold) => {
        const breaker = new Breaker({ clock: new ManualClock(), failureThreshold });
        const transitions: string[] = [];
        breaker.on('transition', ({ to }) => transitions.push(to));
        const calls = Array.from({ length: 100 }, (_, n) => breaker.execute(() => scheduler.schedule(Promise.reject(new Error(String(n))))));
        const results = Promise.allSettled(calls);
        await scheduler.waitAll();

        expect((await results).map((result) => (result as PromiseRejectedResult).reason.message)).toEqual(calls.map((_, n) => String(n)));
        expect(transitions).toEqual(['open']);
        expect(breaker.stats).toMatchObject({ failures: failureThreshold, late: 100 - failureThreshold, opens: 1 });
      }),
      { numRuns: runs(30) },
    );
  });
});

describe('rule 7, in whatever order calls come and end', () => {
  it('never runs more probes at once than there are slots', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.constantFrom('success', 'failure', 'ignored'), { minLength: 1, maxLength: 20 }),
        async (scheduler, maxCalls, outcomes) => {
          const { breaker, clock } = openBreaker({ halfOpen: { maxCalls, successThreshold: 1000 } });
          let running = 0;
          let most = 0;
          // Each call comes and ends when the scheduler says so.
          const calls = outcomes.map(async (outcome) => {
            await scheduler.schedule(Promise.resolve(), 'a call comes');
            if (breaker.state === 'open') clock.advance(100);
            // Probes of an earlier half-open time may be running still; they are not of this one.
            const epoch = snapshot(breaker).epoch;
            await breaker
              .execute(async () => {
                const own = snapshot(breaker).epoch;
                if (own !== epoch) running = 0;
                running++;
                most = Math.max(most, running);
                await scheduler.schedule(Promise.resolve(), `a probe ends: ${outcome}`);
                if (snapshot(breaker).epoch === own) running--;
                if (outcome === 'failure') throw new Error('down');
                if (outcome === 'ignored') throw new DOMException('cancelled', 'AbortError');
              })
              .catch(() => undefined);
          });
          await scheduler.waitAll();
          await Promise.all(calls);

          expect(most).toBeGreaterThanOrEqual(1);
          expect(most).toBeLessThanOrEqual(maxCalls);
        },
      ),
      PROPERTY,
    );
  });

  it('gives every slot back: when all probes were cancelled, as many are admitted again', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 1, max: 5 }), async (scheduler, maxCalls) => {
        const { breaker } = openBreaker({ halfOpen: { maxCalls } });
        const abort = (): Promise<never> => scheduler.schedule(Promise.reject(new DOMException('cancelled', 'AbortError')));
        const probes = Promise.allSettled(Array.from({ length: maxCalls }, () => breaker.execute(abort)));
        await expect(breaker.execute(() => 'answer')).rejects.toBeInstanceOf(CircuitOpenError);
        await scheduler.waitAll();
        await probes;

        const permits = Array.from({ length: maxCalls + 1 }, () => breaker.tryAcquire());

        expect(permits.filter((permit) => permit?.isProbe)).toHaveLength(maxCalls);
      }),
      PROPERTY,
    );
  });

  it('closes or reopens by the first probe that decides, and takes the rest for late', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.boolean(), { minLength: 2, maxLength: 6 }),
        async (scheduler, outcomes) => {
          const { breaker } = openBreaker({ halfOpen: { maxCalls: outcomes.length, successThreshold: 1 } });
          const order: boolean[] = [];
          const transitions: string[] = [];
          const probes = outcomes.map((works) =>
            breaker.execute(async () => {
              await scheduler.schedule(Promise.resolve());
              order.push(works);
              if (!works) throw new Error('down');
            }),
          );
          breaker.on('transition', ({ to }) => transitions.push(to));
          const results = Promise.allSettled(probes);
          await scheduler.waitAll();
          await results;

          expect(transitions).toEqual([order[0] === true ? 'closed' : 'open']);
          expect(breaker.stats.late).toBe(outcomes.length - 1);
        },
      ),
      PROPERTY,
    );
  });
});
