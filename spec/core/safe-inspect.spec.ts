import { asText, causeChain, cut, describeThrown, nameOf, propertyOf } from '../../lib/core/safe-inspect';

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

describe('nameOf', () => {
  it.each<[string, unknown, string]>([
    ['a function', function load() {}, 'load'],
    ['a function whose name is a symbol', Object.defineProperty(() => 1, 'name', { value: Symbol('s') }), ''],
    ['a class with a static member called name', class { static name(): void {} }, ''],
    ['a function whose name cannot be read', Object.defineProperty(() => 1, 'name', { get() { throw new Error('no'); } }), ''],
  ])('gives the name of %s', (_what, fn, name) => {
    expect(nameOf(fn)).toBe(name);
  });
});

describe('cut', () => {
  it('leaves a text alone that is short enough', () => {
    expect([cut('abcde', 5), cut('abcdef', 5), cut('', 5)]).toEqual(['abcde', 'ab...', '']);
  });
});

describe('causeChain', () => {
  it('follows causes to their end, to a cycle, or as far as it may', () => {
    const root = new Error('root');
    const outer = new Error('outer', { cause: root });
    expect(causeChain(outer, 5)).toEqual([outer, root]);
    expect(causeChain(outer, 1)).toEqual([outer]);
    root.cause = outer;
    expect(causeChain(outer, 5)).toEqual([outer, root]);
    expect(causeChain(undefined, 5)).toEqual([]);
    expect(causeChain(null, 5)).toEqual([]);
  });

  it('ends at a cause that cannot be read', () => {
    const outer = Object.defineProperty(new Error('outer'), 'cause', { get() { throw new Error('no'); } });
    expect(causeChain(outer, 5)).toEqual([outer]);
  });
});

describe('describeThrown', () => {
  it.each([
    ['an error', new RangeError('too far'), { name: 'RangeError', message: 'too far' }],
    ['a string', 'down', { name: 'Error', message: 'down' }],
    ['an object like an error', { name: 'Down', message: 'it is' }, { name: 'Down', message: 'it is' }],
    ['what cannot be read', unreadable, { name: 'Error', message: 'an object without a message' }],
    ['an object whose text is all that it holds', Buffer.from('hunter2'), { name: 'Error', message: 'an object without a message' }],
    ['a function', () => 'hunter2', { name: '', message: 'an object without a message' }],
    ['an error of an operating system', Object.assign(new Error('no'), { code: 'ENOENT', errno: -2 }), { name: 'Error', message: 'no', code: 'ENOENT' }],
    ['an error with a number as code', Object.assign(new Error('no'), { code: 14 }), { name: 'Error', message: 'no', code: 14 }],
    ['an error with an answer', Object.assign(new Error('no'), { response: { statusCode: 503, body: 'hunter2' } }), { name: 'Error', message: 'no', status: 503 }],
    ['an error with a status', Object.assign(new Error('no'), { status: 429, headers: {} }), { name: 'Error', message: 'no', status: 429 }],
    ['an error whose fields are none', Object.assign(new Error('no'), { code: {}, status: '503', name: 5 }), { name: 'Error', message: 'no' }],
    ['an error with a page as its message', new Error('x'.repeat(5000)), { name: 'Error', message: `${'x'.repeat(997)}...` }],
  ])('tells name and message of %s', (_what, thrown, expected) => {
    expect(describeThrown(thrown)).toEqual(expected);
  });
});
