import { valueText } from '../../lib/core/safe-inspect';

class Clock {
  now(): number {
    return 0;
  }
}

describe('a value in short', () => {
  it.each<[unknown, string]>([
    ['a text', "'a text'"],
    [5, '5'],
    [undefined, 'undefined'],
    [null, 'null'],
    [function load() {}, 'function load'],
    [() => 1, 'function'],
    [Clock, 'class Clock'],
    [class {}, 'class'],
    [new Clock(), 'Clock'],
    [[1, 'b', [null]], "[1, 'b', [null]]"],
    [[], '[]'],
    [{}, '{}'],
    [{ a: undefined }, '{}'],
    [{ a: 1, b: undefined, c: { d: 'e' } }, "{ a: 1, c: { d: 'e' } }"],
    [Object.assign(Object.create(null), { a: 1 }), '{ a: 1 }'],
    [{ name: 'clock', now: () => 0 }, 'object'],
  ])('%p', (value, text) => {
    expect(valueText(value)).toBe(text);
  });
});
