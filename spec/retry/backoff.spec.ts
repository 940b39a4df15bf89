import fc from 'fast-check';
import { decorrelated, exponential, fixed, linear, type BackoffContext } from '../../lib/retry/backoff';
import { runs } from '../support/runs';

const context = (given: Partial<BackoffContext> = {}): BackoffContext => ({
  baseDelay: 100,
  maxDelay: 1000,
  exponentialBase: 2,
  previousMs: undefined,
  random: () => 0.5,
  ...given,
});

const first = [1, 2, 3, 4, 5, 6];

describe('rule 19: the delay before jitter', () => {
  it('grows exponentially from the base delay, up to the cap', () => {
    expect(first.map((n) => exponential(n, context()))).toEqual([100, 200, 400, 800, 1000, 1000]);
    expect(first.map((n) => exponential(n, context({ exponentialBase: 3 })))).toEqual([100, 300, 900, 1000, 1000, 1000]);
    expect(first.map((n) => exponential(n, context({ exponentialBase: 1 })))).toEqual([100, 100, 100, 100, 100, 100]);
  });

  it('stays the base delay when fixed', () => {
    expect(first.map((n) => fixed(n, context()))).toEqual([100, 100, 100, 100, 100, 100]);
  });

  it('grows by the base delay when linear, up to the cap', () => {
    expect(first.map((n) => linear(n, context({ maxDelay: 450 })))).toEqual([100, 200, 300, 400, 450, 450]);
  });

  it('is drawn between the base delay and three times the previous one when decorrelated, up to the cap', () => {
    const drawn = (random: number, previousMs?: number) => decorrelated(2, context({ previousMs, random: () => random }));
    expect([drawn(0), drawn(0.5), drawn(1 - Number.EPSILON)]).toEqual([100, 200, expect.closeTo(300)]);
    expect([drawn(0, 200), drawn(0.5, 200), drawn(0.9, 400)]).toEqual([100, 350, 1000]);
  });

  const anyContext = fc
    .record({
      baseDelay: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e12, noNaN: true })),
      extraMs: fc.double({ min: 0, max: 1e300, noNaN: true }),
      exponentialBase: fc.oneof(fc.constant(1), fc.double({ min: 1, max: 1e300, noNaN: true })),
      previousShare: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
      random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    })
    .map(({ baseDelay, extraMs, exponentialBase, previousShare, random }): BackoffContext => {
      const maxDelay = baseDelay + extraMs;
      const previousMs = previousShare === undefined ? undefined : previousShare * maxDelay;
      return { baseDelay, maxDelay, exponentialBase, previousMs, random: () => random };
    });
  const anyAttempt = fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }));

  it.each(Object.entries({ exponential, fixed, linear, decorrelated }))(
    'is never negative, never NaN and never over the cap at any attempt: %s',
    (_name, backoff) => {
      fc.assert(
        fc.property(anyContext, anyAttempt, (given, attempt) => {
          const delayMs = backoff(attempt, given);
          expect(delayMs).toBeGreaterThanOrEqual(0);
          expect(delayMs).toBeLessThanOrEqual(given.maxDelay);
        }),
        { numRuns: runs(1000) },
      );
    },
  );
});
