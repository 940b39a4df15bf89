import fc from 'fast-check';
import { ConfigurationError, BreakerRegistry, withRetry } from '../../lib';
import { constrained, fields, optional, options, problems, resolve, type Check } from '../../lib/core/check';
import { copyOptions, duration, integer, ratio, text } from '../../lib/core/options';

const schema = constrained(
  options({
    size: optional(integer(1), 10),
    wait: optional(duration({ exclusive: true, infinity: true }), '1s'),
    share: optional(ratio(), 0.5),
    inner: optional(options({ label: optional(text(), 'none') }), {}),
  }),
  ({ size, wait }, blame) => {
    if (size === 3) blame('size', 'three is taken');
    if (wait === 3) blame('inner.label', 'three is taken');
  },
);

describe('resolve', () => {
  it('fills in the defaults, and resolves durations', () => {
    expect(resolve(schema, {}, 'a spec')).toEqual({ size: 10, wait: 1000, share: 0.5, inner: { label: 'none' } });
    expect(resolve(schema, { size: 4, wait: '2m', inner: { label: 'x' } }, 'a spec')).toEqual({
      size: 4,
      wait: 120_000,
      share: 0.5,
      inner: { label: 'x' },
    });
  });

  it('takes undefined for absent', () => {
    expect(resolve(schema, { size: undefined, inner: undefined }, 'a spec')).toMatchObject({ size: 10, inner: { label: 'none' } });
  });

  it('takes an object without a prototype', () => {
    expect(resolve(schema, Object.assign(Object.create(null), { size: 4 }), 'a spec')).toMatchObject({ size: 4 });
  });

  it('throws one ConfigurationError that names subject, paths and what was given', () => {
    const given = { size: '4', share: NaN, inner: { label: 5, lable: 'x' } };

    expect(() => resolve(schema, given, 'withBreaker(fetchUser)')).toThrow(
      new ConfigurationError('withBreaker(fetchUser)', [
        { path: 'size', message: 'must be an integer >= 1', received: '4' },
        { path: 'share', message: 'must be a ratio >= 0 and <= 1', received: NaN },
        { path: 'inner.label', message: 'must be a string', received: 5 },
        { path: 'inner.lable', message: 'unknown option; did you mean label?', received: 'x' },
      ]),
    );
  });

  it('tells the problems between options besides those of single ones', () => {
    expect(problems(schema, { size: 3, share: 2 })).toEqual([
      { path: 'share', message: 'must be a ratio >= 0 and <= 1', received: 2 },
      { path: 'size', message: 'three is taken', received: 3 },
    ]);
  });

  it('tells what was given, though rules between options see what it resolves to, or else the default', () => {
    const bounded = constrained(options({ wait: optional(duration(), '3ms') }), (_given, blame) => {
      blame('wait', 'too long');
    });
    const orShort: Check<unknown> = (inner, issues, path) => bounded(inner === 'short' ? {} : inner, issues, path);
    const given = fields({ inner: orShort }, 'must be an object');

    expect(problems(given, { inner: { wait: '2s' } })).toEqual([{ path: 'inner.wait', message: 'too long', received: '2s' }]);
    expect(problems(given, { inner: {} })).toEqual([{ path: 'inner.wait', message: 'too long', received: 3 }]);
    expect(problems(given, { inner: 'short' })).toEqual([{ path: 'inner.wait', message: 'too long', received: 3 }]);
  });

  it('does not blame an option twice that is wrong by itself', () => {
    expect(problems(schema, { wait: 3, inner: { label: 5 } })).toEqual([{ path: 'inner.label', message: 'must be a string', received: 5 }]);
  });

  it('blames an option within an object that was left out', () => {
    expect(problems(schema, { wait: 3 })).toMatchObject([{ path: 'inner.label', message: 'three is taken' }]);
  });

  it('either takes an input or throws a ConfigurationError, and never changes it', () => {
    const key = fc.oneof(fc.constantFrom('size', 'wait', 'share', 'inner', 'a.b', '__proto__', 'constructor', 'toString'), fc.string());
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.dictionary(key, fc.anything())), (input) => {
        const before = fc.stringify(input);
        try {
          resolve(schema, input, 'a spec');
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigurationError);
          expect((error as ConfigurationError).issues.length).toBeGreaterThan(0);
        }
        expect(fc.stringify(input)).toBe(before);
      }),
    );
  });
});

describe('ConfigurationError', () => {
  it('stands in one line for one problem, with one line for each of several', () => {
    const size = { path: 'size', message: 'must be an integer >= 1', received: 0 };
    const whole = { path: '', message: 'must be an object of options', received: null };

    expect(new ConfigurationError('new Breaker', [size]).message).toBe('new Breaker: size: must be an integer >= 1; received 0');
    expect(new ConfigurationError('new Breaker', [whole]).message).toBe('new Breaker: must be an object of options; received null');
    expect(new ConfigurationError('new Breaker', [size, whole]).message).toBe(
      'new Breaker:\n  - size: must be an integer >= 1; received 0\n  - must be an object of options; received null',
    );
  });

  it.each<[unknown, string]>([
    ['5 s', "'5 s'"],
    [undefined, 'undefined'],
    [NaN, 'NaN'],
    [5n, '5'],
    [Symbol('x'), 'Symbol(x)'],
    [{ a: 1 }, '{"a":1}'],
    [[1, 2], '[1,2]'],
    [function isDown() {}, 'function isDown'],
    [() => undefined, 'a function'],
    [{ loop: undefined as unknown, get self() { return this; } }, '[object Object]'],
    ['x'.repeat(500), `'${'x'.repeat(77)}...'`],
    [{ list: 'x'.repeat(500) }, `{"list":"${'x'.repeat(68)}...`],
  ])('shows what it received, short: %p', (received, shown) => {
    const { message, issues } = new ConfigurationError('a spec', [{ path: 'p', message: 'no', received }]);

    expect(message).toBe(`a spec: p: no; received ${shown}`);
    expect(issues[0]!.received).toBe(received);
  });
});

describe('copyOptions', () => {
  it('is not reached by later changes of the original, of its objects and lists', () => {
    const given = { size: 1, window: { size: 5 }, handle: [RangeError] };
    const copy = copyOptions(given);

    given.size = 2;
    given.window.size = 6;
    given.handle.pop();

    expect(copy).toEqual({ size: 1, window: { size: 5 }, handle: [RangeError] });
  });

  it('keeps injected objects, functions and instances themselves', () => {
    const given = { clock: { now: () => 0 }, registry: {}, random: () => 0, handle: RangeError, budget: new Map() };
    const copy = copyOptions(given);

    for (const name of ['clock', 'registry', 'random', 'handle', 'budget'] as const) expect(copy[name]).toBe(given[name]);
  });
});

describe('what is said of options', () => {
  const messageOf = (options: object): string => {
    try {
      withRetry(async () => 'it', options);
      return 'nothing';
    } catch (error) {
      return (error as Error).message.replace(/^.*?: /, '');
    }
  };

  it.each<[string, object, string]>([
    ['inherited ones', Object.create({ maxAttempts: 2, baseDelay: 1 }) as object, 'must have its options itself, in a plain object; it inherits or hides maxAttempts, baseDelay; received {}'],
    ['a hidden one', Object.defineProperty({}, 'maxAttempts', { value: 2 }), 'must have its options itself, in a plain object; it inherits or hides maxAttempts; received {}'],
    ['a name that is nearly right', { maxAttempt: 2 }, 'maxAttempt: unknown option; did you mean maxAttempts?; received 2'],
    ['a duration with a wrong unit', { baseDelay: '1.5w' },
      "baseDelay: must be a duration >= 0: milliseconds, or a string such as '250ms', '60s', '5m'; received '1.5w'"],
  ])('%s', (_what, options, message) => {
    expect(messageOf(options)).toBe(message);
  });

  it.each([['1.25s', 1250], ['0.125s', 125], ['10.5ms', 10.5], ['1d', 86_400_000]])('a duration of %s has %d ms', (baseDelay, ms) => {
    const call = withRetry(async () => 'it', { registry: new BreakerRegistry(), baseDelay: baseDelay as '1s', maxDelay: '2d' });
    expect(call.pipeline[0]!.options).toMatchObject({ baseDelay: ms });
  });
});
