import { sameOptions } from '../../lib/core/options';

class Clock {
  constructor(readonly start: number) {}
}

describe('two values of an option agree', () => {
  it.each<[string, unknown, unknown, boolean]>([
    ['the same number', 5, 5, true],
    ['NaN', Number.NaN, Number.NaN, true],
    ['another number', 5, 6, false],
    ['a number and its text', 5, '5', false],
    ['nothing and null', undefined, null, false],
    ['null and an object', null, {}, false],
    ['an object and null', {}, null, false],
    ['an object and a number', {}, 5, false],
    ['a number and an object', 5, {}, false],
    ['functions of one source', (a: number) => a + 1, (a: number) => a + 1, false],
    ['functions of other sources', (a: number) => a + 1, (a: number) => a + 2, false],
    ['a function and an object', () => 1, {}, false],
    ['a function and its source', () => 1, '() => 1', false],
    ['objects of equal values', { a: 1, b: [2, { c: 3 }] }, { b: [2, { c: 3 }], a: 1 }, true],
    ['an object with less', { a: 1, b: 2 }, { a: 1 }, false],
    ['an object with more', { a: 1 }, { a: 1, b: 2 }, false],
    ['an object where what is missing is undefined', { a: 1, b: undefined }, { a: 1 }, true],
    ['other values deep within', { a: [1, { b: 2 }] }, { a: [1, { b: 3 }] }, false],
    ['lists of equal items', [1, 2], [1, 2], true],
    ['lists in another order', [1, 2], [2, 1], false],
    ['a longer list', [1], [1, 2], false],
    ['a list and an object of the same', ['a'], { 0: 'a' }, false],
    ['two clocks that are alike', new Clock(1), new Clock(1), false],
    ['a clock and an object like it', new Clock(1), { start: 1 }, false],
  ])('%s', (_which, one, other, isIt) => {
    expect(sameOptions(one, other)).toBe(isIt);
    expect(sameOptions(other, one)).toBe(isIt);
  });

  it.each<[string, unknown, unknown, boolean]>([
    ['functions of one source', (a: number) => a + 1, (a: number) => a + 1, true],
    ['functions of one source deep within', { a: [() => 1] }, { a: [() => 1] }, true],
    ['functions of other sources', (a: number) => a + 1, (a: number) => a + 2, false],
    ['bound functions, whose source nobody knows', (() => 1).bind(1), (() => 2).bind(1), false],
    ['functions that say they are alike', Object.assign(() => 1, { toString: () => 'x' }), Object.assign(() => 2, { toString: () => 'x' }), false],
  ])('by source: %s', (_which, one, other, isIt) => {
    expect(sameOptions(one, other, true)).toBe(isIt);
    expect(sameOptions(other, one, true)).toBe(isIt);
  });

  it('a clock is itself', () => {
    const clock = new Clock(1);
    expect(sameOptions({ clock }, { clock })).toBe(true);
  });
});
