import { ConfigurationError, duration } from '../../lib';

describe('duration', () => {
  it.each([
    ['1.5s', 1500], ['250ms', 250], ['60s', 60_000], ['5m', 300_000], ['1.5h', 5_400_000], ['1d', 86_400_000], ['0s', 0], [250, 250],
  ])('%p is %d milliseconds', (text, ms) => {
    expect(duration(text)).toBe(ms);
  });

  it.each(['', '60', '1 s', '-5s', 'Infinity', -1, Number.NaN, Infinity, undefined, null, {}, '1'.repeat(1e6)])('refuses %p, and says what is one', (given) => {
    const parse = () => duration(given as string);
    expect(parse).toThrow(ConfigurationError);
    expect(parse).toThrow(/^duration: must be a duration >= 0: milliseconds, or a string such as '250ms', '60s', '5m'; received .{0,100}$/);
  });
});
