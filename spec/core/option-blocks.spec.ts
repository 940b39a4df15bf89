import { BreakerRegistry, withPolicies } from '../../lib';
import { systemClock } from '../../lib/core/clock';
import { idempotence, errorMatcher } from '../../lib/core/outcome';
import { optional, options, problems, resolve, type Check } from '../../lib/core/check';
import { atLeast, commonOptions, copyOptions, duration, flag, fn, having, integer, isRegistry, oneOf, ratio, text } from '../../lib/core/options';

class Down extends Error {}
const MS = "milliseconds, or a string such as '250ms', '60s', '5m'";

/** The building blocks of options: what each takes, what it refuses, and in which words. */
describe.each<[string, () => Check<any>, unknown[], unknown[], string]>([
  ['duration', () => duration(), [0, 5, '5ms', '1.5h'], [-1, '-1s', Infinity, NaN, '5', '5 weeks', null, {}], `must be a duration >= 0: ${MS}`],
  ['duration above 0', () => duration({ exclusive: true }), [0.5, '1s'], [0, '0s', -1, Infinity], `must be a duration > 0: ${MS}`],
  ['duration from 5 on', () => duration({ min: 5 }), [5, '5ms'], [4, '4ms'], `must be a duration >= 5: ${MS}`],
  ['duration or Infinity', () => duration({ infinity: true }), [0, Infinity], [-1, NaN, -Infinity], `must be a duration >= 0, or Infinity: ${MS}`],
  ['integer', () => integer(1), [1, 7], [0, 1.5, Infinity, NaN, '1', null], 'must be an integer >= 1'],
  ['integer with a most', () => integer(1, { max: 3 }), [1, 3], [0, 4, Infinity], 'must be an integer >= 1 and <= 3'],
  ['integer or Infinity', () => integer(0, { infinity: true }), [0, Infinity], [-1, -Infinity, 0.5], 'must be an integer >= 0, or Infinity'],
  ['atLeast', () => atLeast(1), [1, 1.5], [0.99, Infinity, NaN, '1'], 'must be a number >= 1'],
  ['ratio', () => ratio(), [0, 0.5, 1], [-0.1, 1.1, NaN, '0.5', null], 'must be a ratio >= 0 and <= 1'],
  ['ratio above 0', () => ratio({ exclusive: true }), [0.1, 1], [0, 1.1, '0.5'], 'must be a ratio > 0 and <= 1'],
  ['fn', () => fn(), [() => 1, class {}], ['a', null, {}], 'must be a function'],
  ['text', () => text(), ['', 'a'], [5, null, new String('a')], 'must be a string'],
  ['flag', () => flag(), [true, false], ['true', 0, null], 'must be true or false'],
  ['oneOf', () => oneOf('a', 'b'), ['a', 'b'], ['c', '', null, 1], "must be 'a' or 'b'"],
  ['having', () => having<{ on: () => void; off: () => void }>('an emitter', 'on', 'off'),
    [{ on: () => 1, off: () => 1 }, Object.assign(() => 1, { on: () => 1, off: () => 1 })], [{ on: () => 1 }, { on: 1, off: () => 1 }, null, 5, 'on'],
    'must be an emitter (with on, off)'],
  ['an error matcher', () => errorMatcher(), [Down, Error, [Down, TypeError], () => true], ['Down', [], [Down, 'Down'], [Down, () => true], null, {}],
    'must be an error class, a list of error classes, or a function (error) => boolean'],
  ['idempotence', () => idempotence(), [true, false, () => true], ['yes', 1, null], 'must be true, false, or a function (...args) => boolean'],
  ['a registry', () => commonOptions.registry, [new BreakerRegistry(), undefined], [{}, null, 'default', BreakerRegistry], 'must be a BreakerRegistry'],
  ['the wall time of a clock', () => commonOptions.clock, [{ ...systemClock, wallTime: () => 0 }], [{ ...systemClock, wallTime: 5 }], 'must be a clock whose wallTime is a function, or left out'],
  ['a clock', () => commonOptions.clock, [systemClock, undefined], [{ now: () => 0 }, 5], 'must be a clock (with now, setTimeout, clearTimeout)'],
  ['options', () => options({ a: optional(text()) }), [{}, { a: 'x' }], [null, 5, 'a', [], new Map()], 'must be an object of options'],
  ['options or something shorter', () => options({ a: optional(text()) }, 'a text'), [{}], [null, []], 'must be a text, or an object of options'],
  ['options that have their values themselves', () => options({ a: optional(text()), b: optional(text()) }), [{ a: 'x' }],
    [Object.create({ a: 'x' })], 'must have its options itself, in a plain object; it inherits or hides a'],
])('%s', (_name, block, taken, refused, message) => {
  it('takes what is right', () => {
    for (const given of taken) expect(problems(options({ x: block() }), { x: given })).toEqual([]);
  });

  it('refuses what is wrong, and says what is allowed', () => {
    for (const received of refused) expect(problems(options({ x: block() }), { x: received })).toContainEqual({ path: 'x', message, received });
  });
});

describe('an option', () => {
  it('that must be given is asked for', () => {
    expect(problems(options({ x: text(), y: text() }), { y: 'a' })).toEqual([{ path: 'x', message: 'is required', received: undefined }]);
  });

  it('that is unknown is told, with what was meant, or with what there is', () => {
    const schema = options({ size: optional(text()), wait: optional(text()) });
    expect(problems(schema, { sizes: 'a', colour: 'b' }).map(({ path, message }) => [path, message])).toEqual([
      ['sizes', 'unknown option; did you mean size?'], ['colour', 'unknown option; the options are size, wait'],
    ]);
  });

  it.each([
    ['breaker', { resetTimeout: 5 }, "breaker.resetTimeout: unknown option; resetTimeout is opossum's name: recoveryTimeout"],
    ['breaker', { errorThresholdPercentage: 50 }, "breaker.errorThresholdPercentage: unknown option; errorThresholdPercentage is opossum's name: window.failureRate, from 0 to 1"],
    ['breaker', { halfOpenAfter: 5 }, "breaker.halfOpenAfter: unknown option; halfOpenAfter is cockatiel's name: recoveryTimeout"],
    ['breaker', { threshold: 0.5 }, "breaker.threshold: unknown option; threshold is cockatiel's name: failureThreshold, or failureRate of a window"],
    ['breaker', { waitDurationInOpenState: 5 }, "breaker.waitDurationInOpenState: unknown option; waitDurationInOpenState is resilience4j's name: recoveryTimeout"],
    ['breaker', { failureRatio: 0.5 }, "breaker.failureRatio: unknown option; FailureRatio is Polly's name: window.failureRate"],
    ['breaker', { window: { type: 'count', size: 5, failureRateThreshold: 50 } },
      "breaker.window.failureRateThreshold: unknown option; failureRateThreshold is resilience4j's name: failureRate, from 0 to 1"],
    ['retry', { retries: 3 }, "retry.retries: unknown option; retries is p-retry's name: maxAttempts, which counts the first one too"],
    ['retry', { numOfAttempts: 3 }, "retry.numOfAttempts: unknown option; numOfAttempts is exponential-backoff's name: maxAttempts"],
    ['retry', { resetTimeout: 3 }, 'retry.resetTimeout: unknown option; the options are name'],
  ])('that another library has is answered with ours: %s %p', (policy, given, message) => {
    expect(() => withPolicies(async () => 1, { [policy]: given })).toThrow(message);
  });

  it.each(['constructor', 'prototype', '__proto__', 'toString'])('is unknown that is named %s', (name) => {
    const given = JSON.parse(`{ "a": "x", "${name}": 1 }`);
    expect(problems(options({ a: optional(text()) }), given)).toEqual([{ path: name, message: 'unknown option; the options are a', received: 1 }]);
  });

  it('allow takes codes of warnings, and suggests them', () => {
    const schema = options({ allow: commonOptions.allow });
    expect(problems(schema, { allow: ['BREAKER_BOX_RETRIES_MULTIPLY'] })).toEqual([]);
    expect(problems(schema, { allow: ['BREAKER_BOX_RETRIES_MULTIPLIES'] })).toEqual([
      { path: 'allow.0', message: 'no warning has this code; did you mean BREAKER_BOX_RETRIES_MULTIPLY?', received: 'BREAKER_BOX_RETRIES_MULTIPLIES' },
    ]);
    expect(problems(schema, { allow: 'all' })).toEqual([{ path: 'allow', message: 'must be a list of codes of warnings', received: 'all' }]);
  });

  it('that is a duration is in milliseconds', () => {
    expect(resolve(options({ x: duration() }), { x: '1.5s' }, 'here')).toEqual({ x: 1500 });
  });
});

it('a registry is known by its mark, also one of another copy', () => {
  expect([new BreakerRegistry(), { [Symbol.for('breaker-box.is-registry@2')]: true }, {}, null, undefined, 5].map(isRegistry)).toEqual([true, true, false, false, false, false]);
});

it('a copy of options holds what is injected itself, and copies of plain values', () => {
  const given = { clock: { ...systemClock }, random: () => 0, window: { size: 5 }, list: [1], date: new Date(0) };
  const copy = copyOptions(given);
  expect(copy).toEqual(given);
  expect([copy.clock === given.clock, copy.random === given.random, copy.window === given.window, copy.list === given.list, copy.date === given.date]).toEqual([
    true, true, false, false, true,
  ]);
});
