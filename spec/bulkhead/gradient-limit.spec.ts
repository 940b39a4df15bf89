import fc from 'fast-check';
import type { Sample } from '../../lib/bulkhead/adaptive-limit';
import { GradientLimit, gradientStep, type GradientSettings } from '../../lib/bulkhead/adaptive-limit';

const settings: GradientSettings = {
  initialLimit: 20, minLimit: 2, maxLimit: 100, tolerance: 1, smoothing: 0.5, queueSize: 4,
};

/** A round of calls that all use the limit, in which each takes so long. */
function round(limit: GradientLimit, durationMs: number, given: Partial<Sample> = {}): void {
  const { round: number } = limit;
  for (let calls = 0; limit.round === number && calls < 1_000; calls++) {
    limit.record({ round: number, running: limit.limit, durationMs, isFailure: false, ...given });
  }
}

describe('the step of the gradient', () => {
  // limit · (1 − smoothing) + (limit · gradient + queueSize) · smoothing
  it.each([
    ['calls take as long as ever: the queue size is added', 50, 100, 100, 0.5 * 50 + 0.5 * 54],
    ['calls take a quarter longer', 50, 100, 125, 0.5 * 50 + 0.5 * (50 * 0.8 + 4)],
    ['calls take ten times as long: not below half', 50, 100, 1_000, 0.5 * 50 + 0.5 * (25 + 4)],
    ['calls take a tenth: not above the double', 20, 1_000, 100, 0.5 * 20 + 0.5 * (40 + 4)],
    ['it would exceed the upper bound', 99, 100, 100, 100],
    ['it would fall below the lower bound', 2, 100, 1_000, 0.5 * 2 + 0.5 * 5],
  ])('when %s', (_case, limit, longMs, shortMs, expected) => {
    expect(gradientStep(limit, longMs, shortMs, settings)).toBeCloseTo(expected, 10);
  });

  it('takes what tolerance allows for no queue', () => {
    expect(gradientStep(50, 100, 150, { ...settings, tolerance: 1.5 })).toBe(52);
  });

  it('adds a fiftieth of the limit by default, and a half at least', () => {
    const byDefault = { ...settings, smoothing: 1, queueSize: undefined };
    expect(gradientStep(50, 100, 100, byDefault)).toBe(51);
    expect(gradientStep(10, 100, 100, byDefault)).toBe(10.5);
  });

  it('comes to rest where latency is tolerance / (1 − queueSize / limit) times the baseline', () => {
    const limit = 40;
    const shortMs = (100 * 1.2) / (1 - 4 / limit);
    expect(gradientStep(limit, 100, shortMs, { ...settings, tolerance: 1.2 })).toBeCloseTo(limit, 10);
  });
});

describe('the gradient limit', () => {
  it('measures its baseline first, with half as many calls', () => {
    const limit = new GradientLimit(settings);
    expect(limit.limit).toBe(10);
    round(limit, 100);
    expect(limit.limit).toBe(20);
  });

  it('grows while calls take no longer, a round at a time', () => {
    const limit = new GradientLimit(settings);
    round(limit, 100);
    const sizes = [1, 2, 3].map(() => {
      round(limit, 100);
      return limit.limit;
    });
    expect(sizes).toEqual([22, 24, 26]);
  });

  it('needs as many calls for a round as may run, and ten at least', () => {
    const limit = new GradientLimit({ ...settings, initialLimit: 60 });
    const record = (calls: number): void => {
      for (let at = 0; at < calls; at++) limit.record({ round: limit.round, running: 60, durationMs: 100, isFailure: false });
    };
    record(29);
    expect(limit.round).toBe(0);
    record(1);
    expect(limit.round).toBe(1);
    record(59);
    expect(limit.round).toBe(1);
    record(1);
    expect(limit.round).toBe(2);

    const small = new GradientLimit({ ...settings, initialLimit: 4 });
    for (let at = 0; at < 9; at++) small.record({ round: 0, running: 2, durationMs: 100, isFailure: false });
    expect(small.round).toBe(0);
  });

  it('counts no call that began in an earlier round', () => {
    const limit = new GradientLimit(settings);
    round(limit, 100);
    for (let at = 0; at < 100; at++) limit.record({ round: 0, running: 20, durationMs: 9_000, isFailure: false });
    expect([limit.limit, limit.round]).toEqual([20, 1]);
  });

  it('stands still while half of it is not used, and learns the baseline meanwhile', () => {
    const limit = new GradientLimit(settings);
    round(limit, 100);
    for (let rounds = 0; rounds < 20; rounds++) round(limit, 200, { running: 10 });
    expect(limit.limit).toBe(20);
    // 200 ms is what calls take now, so they do not queue.
    round(limit, 200);
    expect(limit.limit).toBeGreaterThan(20);
  });

  it('does not take a quick failure for a fast answer, but a slow one for a slow answer', () => {
    const limit = new GradientLimit(settings);
    round(limit, 100);
    round(limit, 1, { isFailure: true });
    expect([limit.limit, limit.round]).toEqual([20, 1]);
    round(limit, 400, { isFailure: true });
    expect(limit.limit).toBe(0.5 * 20 + 0.5 * (10 + 4));
  });

  it('halves itself for a round, now and then, to see how long calls take when nothing queues', () => {
    const limit = new GradientLimit({ ...settings, maxLimit: 40, initialLimit: 40 });
    round(limit, 100);
    const sizes = Array.from({ length: 62 }, () => {
      round(limit, 100);
      return limit.limit;
    });
    expect(sizes.flatMap((size, at) => (size === 20 ? [at] : []))).toEqual([29, 60]);
  });

  it('follows a dependency that has become slower for good, and does not starve it', () => {
    const limit = new GradientLimit({ ...settings, initialLimit: 80 });
    const sizes: number[] = [];
    for (let rounds = 0; rounds < 200; rounds++) {
      // However few calls run, they take three times as long.
      round(limit, rounds < 10 ? 100 : 300);
      sizes.push(limit.limit);
    }
    expect(Math.min(...sizes.slice(10))).toBeGreaterThan(20);
    expect(Math.max(...sizes.slice(150))).toBe(100);
  });

  it('forgets a baseline that calls under load are far below', () => {
    const limit = new GradientLimit(settings);
    round(limit, 400);
    for (let rounds = 0; rounds < 12; rounds++) round(limit, 100);
    expect(limit.limit).toBe(100);
    round(limit, 300);
    expect(limit.limit).toBeLessThan(100);
  });

  it('can divide latencies of nothing', () => {
    const limit = new GradientLimit(settings);
    for (let rounds = 0; rounds < 5; rounds++) round(limit, 0);
    expect(limit.limit).toBe(28);
  });

  it('is a whole number within its bounds, whatever happens', () => {
    const ends = fc.array(
      fc.record({ isFailure: fc.boolean(), running: fc.nat(150), durationMs: fc.double({ min: 0, max: 1e6, noNaN: true }) }),
      { maxLength: 300 },
    );
    fc.assert(
      fc.property(ends, (samples) => {
        const limit = new GradientLimit(settings);
        for (const sample of samples) {
          limit.record({ ...sample, round: limit.round });
          expect(Number.isInteger(limit.limit)).toBe(true);
          expect(limit.limit).toBeGreaterThanOrEqual(2);
          expect(limit.limit).toBeLessThanOrEqual(100);
        }
      }),
    );
  });
});
