import fc from 'fast-check';
import { TokenBucket } from '../../lib/rate-limit/token-bucket';
import { runs } from '../support/runs';

/** Fractions of time that floating point holds exactly, so that whole numbers can check what it computes. */
const PARTS = 1024;
const inParts = (time: number): bigint => BigInt(time * PARTS);

/** Takes a token at each time, as far as there is one. @returns The times when there was. */
function taken(bucket: TokenBucket, times: readonly number[]): number[] {
  return times.filter((time) => {
    const isThere = bucket.waitMs(1, time) === 0;
    if (isThere) bucket.take();
    return isThere;
  });
}

const cases = fc
  .record({
    limit: fc.integer({ min: 1, max: 50 }),
    interval: fc.integer({ min: 1, max: 2 ** 20 }).map((parts) => parts / PARTS),
    burst: fc.integer({ min: 1, max: 20 }),
    origin: fc.constantFrom(0, -12345, 2 ** 38, 2 ** 40 + 0.5),
  })
  .chain((bucket) => {
    // About as long as a token takes, so that buckets are neither always empty nor always full.
    const most = Math.ceil(((2 * bucket.interval) / bucket.limit) * PARTS);
    const gaps = fc.array(fc.integer({ min: 0, max: most }), { minLength: 1, maxLength: 120 });
    return fc.record({ bucket: fc.constant(bucket), gaps });
  })
  .map(({ bucket, gaps }) => {
    let time = bucket.origin;
    return { ...bucket, times: gaps.map((gap) => (time += gap / PARTS)) };
  });

describe('a token bucket', () => {
  it('gives at most burst + limit · t / interval tokens in every time t, exactly', () => {
    fc.assert(
      fc.property(cases, ({ limit, interval, burst, times }) => {
        const at = taken(new TokenBucket(limit, interval, burst), times);
        for (let first = 0; first < at.length; first++) {
          for (let last = first; last < at.length; last++) {
            const tokens = BigInt(last - first + 1 - burst) * inParts(interval);
            expect(tokens <= (inParts(at[last]!) - inParts(at[first]!)) * BigInt(limit)).toBe(true);
          }
        }
      }),
      { numRuns: runs(200) },
    );
  });

  it('refuses none that this allows: it is the fluid bucket, computed in whole numbers', () => {
    fc.assert(
      fc.property(cases, ({ limit, interval, burst, times }) => {
        const full = BigInt(burst) * inParts(interval);
        let level = full;
        let before = inParts(times[0]!);
        const expected = times.filter((time) => {
          level += (inParts(time) - before) * BigInt(limit);
          if (level > full) level = full;
          before = inParts(time);
          if (level < inParts(interval)) return false;
          level -= inParts(interval);
          return true;
        });

        expect(taken(new TokenBucket(limit, interval, burst), times)).toEqual(expected);
      }),
      { numRuns: runs(500) },
    );
  });

  it.each([
    ['thirds of a second, for ten million tokens', 3, 1000, 10_000_000],
    ['sevenths of a tenth of a millisecond', 7, 0.1, 1_000_000],
  ])('does not drift: %s', (_what, limit, interval, tokens) => {
    const bucket = new TokenBucket(limit, interval, 1);
    const start = 2 ** 33 + 0.3;
    expect(bucket.waitMs(1, start)).toBe(0);

    // Never full again, so that nothing but counting tells when the next one comes.
    for (let n = 0; n < tokens; n++) bucket.take();

    expect(bucket.waitMs(1, start)).toBe((tokens * interval) / limit);
  });

  it('gives, under steady demand, exactly limit tokens each interval, for as long as it lasts', () => {
    const [limit, interval, burst] = [3, 1000, 5];
    const bucket = new TokenBucket(limit, interval, burst);
    const seconds = 20_000;
    let given = 0;
    for (let time = 0; time <= seconds * 1000; time += 100) {
      if (bucket.waitMs(1, time) === 0) {
        bucket.take();
        given++;
      }
    }

    expect(given).toBe(burst + limit * seconds);
  });

  it('tells how long to wait for any number of tokens', () => {
    const bucket = new TokenBucket(10, 1000, 2);
    expect([1, 2, 3, 12].map((tokens) => bucket.waitMs(tokens, 500))).toEqual([0, 0, 100, 1000]);
    bucket.take();
    expect([1, 2, 3].map((tokens) => bucket.waitMs(tokens, 500))).toEqual([0, 100, 200]);
    expect([1, 2, 3].map((tokens) => bucket.waitMs(tokens, 550))).toEqual([0, 50, 150]);
  });

  it('changes nothing when time goes back', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: -500, max: 500 }), fc.boolean()), { maxLength: 60 }), (steps) => {
        const [jumping, standing] = [new TokenBucket(5, 1000, 3), new TokenBucket(5, 1000, 3)];
        let time = 0;
        let latest = -Infinity;
        for (const [step, wants] of steps) {
          time += step;
          latest = Math.max(latest, time);
          const waits = [jumping.waitMs(1, time), standing.waitMs(1, latest)];
          expect(waits[0]).toBe(waits[1]);
          if (wants && waits[0] === 0) [jumping, standing].forEach((bucket) => bucket.take());
        }
      }),
    );
  });

  it('is full at first, and again when as much flowed in as was taken', () => {
    const bucket = new TokenBucket(10, 1000, 3);
    expect(bucket.isFull(0)).toBe(true);
    bucket.take();
    bucket.take();
    expect([0, 199, 200].map((time) => bucket.isFull(time))).toEqual([false, false, true]);
  });
});
