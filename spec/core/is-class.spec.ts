import { isClass } from '../../lib/core/safe-inspect';

describe('a class', () => {
  it.each<[string, unknown, boolean]>([
    ['a class', class {}, true], ['a named class', class Users {}, true], ['a built-in one', Map, false], ['a function', function classOf() {}, false],
    ['an arrow', () => 'class', false], ['a method named class', { class() {} }.class, false], ['a text', 'class {}', false],
  ])('is told from other things: %s', (_what, value, isIt) => {
    expect(isClass(value)).toBe(isIt);
  });
});
