import fc from 'fast-check';
import { spread, type Jitter } from '../../lib/retry/backoff';
import { runs } from '../support/runs';

const at = (jitter: Jitter) => [0, 0.25, 0.5, 0.75].map((random) => spread(1000, jitter, 5000, () => random));

describe('rule 19: jitter', () => {
  it('draws between 0 and the delay when full, which is also what true means', () => {
    expect(at('full')).toEqual([0, 250, 500, 750]);
    expect(at(true)).toEqual([0, 250, 500, 750]);
  });

  it('keeps half the delay and draws the other half when equal', () => {
    expect(at('equal')).toEqual([500, 625, 750, 875]);
  });

  it('draws within a share above and below the delay when it is a ratio', () => {
    expect(at(0.1)).toEqual([900, 950, 1000, 1050]);
    expect(at(1)).toEqual([0, 500, 1000, 1500]);
  });

  it('leaves the delay alone when off', () => {
    expect(at(false)).toEqual([1000, 1000, 1000, 1000]);
    expect(at(0)).toEqual([1000, 1000, 1000, 1000]);
  });

  it('does not lift a delay at the cap over the cap', () => {
    expect(spread(5000, 0.5, 5000, () => 0.99)).toBe(5000);
  });

  it('is never negative, never NaN and never over the cap, whatever the delay', () => {
    const jitters = fc.oneof(
      fc.constantFrom<Jitter>(true, false, 'full', 'equal', 0, 1),
      fc.double({ min: 0, max: 1, noNaN: true }),
    );
    const delays = fc.double({ min: 0, max: 1e300, noNaN: true });
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(delays, fc.double({ min: 0, max: 1, noNaN: true }), jitters, random, (capMs, share, jitter, drawn) => {
        const delayMs = spread(capMs * share, jitter, capMs, () => drawn);
        expect(delayMs).toBeGreaterThanOrEqual(0);
        expect(delayMs).toBeLessThanOrEqual(capMs);
      }),
      { numRuns: runs(1000), examples: [[5.4e-323, 0.95, 'equal', 0.95]] },
    );
  });
});
