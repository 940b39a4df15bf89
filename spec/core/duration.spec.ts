import fc from 'fast-check';
import { formatDuration, toMs } from '../../lib/core/options';

describe('toMs', () => {
  it.each([
    ['250ms', 250],
    ['60s', 60_000],
    ['5m', 300_000],
    ['1.5h', 5_400_000],
    ['1d', 86_400_000],
    ['0s', 0],
    ['-5s', -5000],
    [250, 250],
    [0.5, 0.5],
    [Infinity, Infinity],
  ])('%p is %d milliseconds', (duration, ms) => {
    expect(toMs(duration)).toBe(ms);
  });

  it.each([
    '', ' ', '5', 's', '5 s', '5sec', '5S', '5 minutes', '5m5s', '1e3ms', '+5s', '5.s', '.5s', '5,5s', '0x5s', 'Infinity', '5y', '5w', '\n5s', '5s\n',
    null, undefined, true, {}, [], [5], 5n, NaN, `${'1'.repeat(99)}ms`,
  ])('%p is none', (given) => {
    expect(toMs(given)).toBeNaN();
  });

  it('reads every number with a unit as that many of it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.constantFrom(['ms', 1], ['s', 1e3], ['m', 6e4], ['h', 36e5], ['d', 864e5]), (n, [unit, ms]) => {
        expect(toMs(`${n}${unit}`)).toBe(n * (ms as number));
      }),
    );
  });

  it('throws for no input', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }), (input) => {
        expect(typeof toMs(input)).toBe('number');
      }),
    );
  });
});

describe('formatDuration', () => {
  it.each([
    [0.2, '1 ms'],
    [999, '999 ms'],
    [1000, '1 s'],
    [1001, '2 s'],
    [119_999, '120 s'],
    [120_000, '2 min'],
    [7_199_999, '120 min'],
    [7_200_000, '2 h'],
    [7_200_001, '3 h'],
  ])('%d is %s: never less than it is, or a caller comes too early', (ms, words) => {
    expect(formatDuration(ms)).toBe(words);
  });
});
