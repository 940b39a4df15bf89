import { asText, describeThrown, propertyOf } from '../../lib/core/thrown';

const unreadable = {
  get name(): string {
    throw new Error('no name');
  },
  toString: undefined,
};

describe('propertyOf', () => {
  it.each([
    ['of an object', { name: 'it' }, 'it'],
    ['of what has none', {}, undefined],
    ['of nothing', undefined, undefined],
    ['of null', null, undefined],
    ['that cannot be read', unreadable, undefined],
  ])('reads one %s', (_what, value, expected) => {
    expect(propertyOf(value, 'name')).toBe(expected);
  });
});

describe('asText', () => {
  it.each([
    ['a string', 'down', 'down'],
    ['a symbol', Symbol('s'), 'Symbol(s)'],
    ['what has no string form', unreadable, 'a value without a text'],
  ])('shows %s', (_what, value, text) => {
    expect(asText(value)).toBe(text);
  });
});

describe('describeThrown', () => {
  it.each([
    ['an error', new RangeError('too far'), { name: 'RangeError', message: 'too far' }],
    ['a string', 'down', { name: 'Error', message: 'down' }],
    ['an object like an error', { name: 'Down', message: 'it is' }, { name: 'Down', message: 'it is' }],
    ['what cannot be read', unreadable, { name: 'Error', message: 'a value without a text' }],
  ])('tells name and message of %s', (_what, thrown, expected) => {
    expect(describeThrown(thrown)).toEqual(expected);
  });
});
