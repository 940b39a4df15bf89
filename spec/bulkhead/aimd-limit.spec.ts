import fc from 'fast-check';
import type { Sample } from '../../lib/bulkhead/adaptive-limit';
import { AimdLimit, type AimdSettings } from '../../lib/bulkhead/adaptive-limit';

const settings: AimdSettings = { initialLimit: 10, minLimit: 2, maxLimit: 20, backoffRatio: 0.9, slowCallDuration: 100 };

function sampleOf(limit: AimdLimit, given: Partial<Sample> = {}): Sample {
  return { round: limit.round, running: limit.limit, durationMs: 50, isFailure: false, ...given };
}

function record(limit: AimdLimit, times: number, given: Partial<Sample> = {}): void {
  for (let at = 0; at < times; at++) limit.record(sampleOf(limit, given));
}

describe('the AIMD limit', () => {
  it('grows by one for as many calls that work as it lets run', () => {
    const limit = new AimdLimit(settings);
    record(limit, 10);
    expect(limit.limit).toBe(10);
    record(limit, 1);
    expect(limit.limit).toBe(11);
    record(limit, 11);
    expect(limit.limit).toBe(12);
  });

  it('does not grow while less than half of it is used', () => {
    const limit = new AimdLimit(settings);
    record(limit, 1_000, { running: 4 });
    expect(limit.limit).toBe(10);
    record(limit, 11, { running: 6 });
    expect(limit.limit).toBe(11);
  });

  it.each([['fails', { isFailure: true }], ['takes longer than slowCallDuration', { durationMs: 101 }]])('shrinks by backoffRatio when a call %s', (_how, drop) => {
    const limit = new AimdLimit({ ...settings, initialLimit: 20, backoffRatio: 0.8 });
    record(limit, 1, { durationMs: 100 });
    expect(limit.limit).toBe(20);
    record(limit, 1, drop);
    expect(limit.limit).toBe(16);
  });

  it('shrinks by one at least', () => {
    const limit = new AimdLimit({ ...settings, initialLimit: 5 });
    const sizes = [1, 2, 3].map(() => {
      record(limit, 1, { isFailure: true });
      return limit.limit;
    });
    expect(sizes).toEqual([4, 3, 2]);
  });

  it('shrinks once for all calls that were running then, whose successes count for nothing either', () => {
    const limit = new AimdLimit(settings);
    const running = Array.from({ length: 10 }, () => sampleOf(limit, { isFailure: true }));
    for (const sample of running) limit.record(sample);
    expect(limit.limit).toBe(9);
    for (let at = 0; at < 100; at++) limit.record({ ...running[0]!, isFailure: false });
    expect(limit.limit).toBe(9);
    record(limit, 1, { isFailure: true });
    expect(limit.limit).toBe(8);
  });

  it('takes no call for slow without slowCallDuration', () => {
    const limit = new AimdLimit({ ...settings, slowCallDuration: undefined });
    record(limit, 11, { durationMs: 1e9 });
    expect(limit.limit).toBe(11);
  });

  it('is a whole number within its bounds, whatever happens', () => {
    const ends = fc.array(fc.record({ isFailure: fc.boolean(), running: fc.nat(40), durationMs: fc.nat(200), age: fc.nat(2) }));
    fc.assert(
      fc.property(ends, (samples) => {
        const limit = new AimdLimit(settings);
        for (const { age, ...sample } of samples) {
          limit.record({ ...sample, round: limit.round - age });
          expect(Number.isInteger(limit.limit)).toBe(true);
          expect(limit.limit).toBeGreaterThanOrEqual(2);
          expect(limit.limit).toBeLessThanOrEqual(20);
        }
      }),
    );
  });
});
