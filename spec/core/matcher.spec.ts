import { toPredicate } from '../../lib/core/outcome';

describe('errors of a class', () => {
  class Down extends Error {}
  class Gone extends Down {}
  /** Of another realm: alike, but of other classes. */
  const foreign = (name: string, ...classes: string[]) =>
    Object.assign(
      Object.create(
        classes.reduceRight<object>(
          (proto, className) => Object.create(proto, { constructor: { value: { [className]: class {} }[className] } }) as object,
          Object.prototype,
        ),
      ) as object,
      { name },
    );

  it.each<[string, unknown, boolean]>([
    ['of the class', new Down(), true], ['of one that extends it', new Gone(), true], ['of another', new TypeError(), false],
    ['of another realm, by its name', { name: 'Down' }, true], ['of another realm, by its class', foreign('Error', 'Down'), true],
    ['of another realm, by a class that it extends', foreign('Error', 'Gone', 'Down'), true], ['of another realm and class', foreign('Error', 'Other'), false],
    ['an error of this realm with that name', Object.assign(new Error('x'), { name: 'Down' }), false],
    ['null', null, false], ['a text', 'Down', false],
  ])('%s', (_which, error, isIt) => {
    expect(toPredicate(Down)(error)).toBe(isIt);
    expect(toPredicate([TypeError.prototype.constructor as never, Down])(error)).toBe(isIt || error instanceof TypeError);
  });

  it('a function that is no class of errors is a predicate, a class too', () => {
    const predicate = (error: unknown): boolean => error === 1;
    expect(toPredicate(predicate)).toBe(predicate);
  });
});
