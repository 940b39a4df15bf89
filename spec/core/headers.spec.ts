import { headerOf, headerReader, headersOf } from '../../lib/core/headers';

const wanted = 'retry-after';
const read = (headers: object): string | undefined => headerReader(headers)(wanted);
const throwing = (): never => {
  throw new Error('no');
};
/** The class of axios' headers is asked like `Headers`, and has no `size`. */
const asked = { get: (name: string) => (name === wanted ? ['7', 8] : undefined) };

// Rule 46: in all its forms.
describe('a header', () => {
  it.each<[string, object]>([
    ['Headers', new Headers({ 'Retry-After': '7' })],
    ['a Map, in any case', new Map([['x', '1'], ['Retry-After', '7']])],
    ['an object, in any case', { x: '1', 'RETRY-AFTER': '7' }],
    ['an object without a prototype', Object.assign(Object.create(null) as object, { 'retry-after': '7' })],
    ['an object with numbers', { 'retry-after': 7 }],
    ['pairs', [['x', '1'], ['Retry-After', '7']]],
    ['names and values in turn', ['x', 'retry-after', 'Retry-After', '7']],
    ['{ name, value }', [{ name: 'Retry-After', value: '7' }]],
    ['{ key, value }', [{ key: 'Retry-After', value: '7' }]],
    ['any iterable of pairs', new Set([['Retry-After', '7']])],
    ['a text with spaces around it', { 'retry-after': ' 7 ' }],
  ])('is read from %s', (_what, headers) => {
    expect(read(headers)).toBe('7');
  });

  it.each<[string, object]>([
    ['a list in its place', { 'retry-after': ['7', '8'] }],
    ['the same name again', [['retry-after', '7'], ['Retry-After', '8']]],
    ['who answers for a name', asked],
    ['Headers', new Headers([['retry-after', '7'], ['retry-after', '8']])],
  ])('that is there several times is joined by commas: %s', (_what, headers) => {
    expect(read(headers)).toBe('7, 8');
  });

  it.each<[string, object]>([
    ['nothing of the name', { other: '7' }],
    ['a name without its value', ['Retry-After']],
    ['what is no text', { 'retry-after': { seconds: 7 } }],
    ['an empty list', { 'retry-after': [] }],
    ['a list of what is no text', { 'retry-after': [{}, null] }],
    ['names that are no text', [[Symbol('retry-after'), '7'], [7, '7'], undefined]],
    ['who throws when asked', { get: throwing }],
  ])('is not found in %s', (_what, headers) => {
    expect(read(headers)).toBeUndefined();
  });

  it('that was read before its neighbour threw counts', () => {
    const headers = { *[Symbol.iterator]() { yield ['retry-after', '7']; throwing(); } };
    expect(read(headers)).toBe('7');
  });

  it('that throws when it is read hides no other', () => {
    const headers = Object.defineProperty({}, 'x', { get: throwing, enumerable: true });
    expect(read(Object.assign(headers, { 'retry-after': '7' }))).toBe('7');
  });

  it('is looked for among the first thousand', () => {
    const others = (count: number) => Array.from({ length: count }, (_, at) => [`x-${at}`, '1']);
    expect([read([...others(999), [wanted, '7']]), read([...others(1000), [wanted, '7']])]).toEqual(['7', undefined]);
  });

  it('is read up to a length, and to a number of values', () => {
    const longest = 'x'.repeat(1000);
    expect([read({ 'retry-after': longest }), read({ 'retry-after': `${longest}x` })]).toEqual([longest, undefined]);
    expect(read({ 'retry-after': Array.from({ length: 16 }, () => '7') })).toBe(Array.from({ length: 16 }, () => '7').join(', '));
    expect(read({ 'retry-after': Array.from({ length: 17 }, () => '7') })).toBeUndefined();
    expect(read({ 'retry-after': ['x'.repeat(499), 'x'.repeat(499)] })).toHaveLength(1000);
    expect(read({ 'retry-after': ['x'.repeat(499), 'x'.repeat(500)] })).toBeUndefined();
  });

  it('of a long name is none', () => {
    const [longest, longer] = ['x'.repeat(100), 'x'.repeat(101)];
    const reader = headerReader({ [longest]: '1', [longer]: '2' });
    expect([reader(longest), reader(longer)]).toEqual(['1', undefined]);
  });

  it('is one of several that are read in one go', () => {
    const reader = headerReader({ a: '1', B: '2', c: '3' });
    expect(['a', 'b', 'c'].map(reader)).toEqual(['1', '2', '3']);
  });
});

describe('the headers of a failure', () => {
  const headers = { 'retry-after': '7' };

  it.each<[string, object]>([
    ['its response', { response: { headers } }],
    ['its own', { headers }],
    ['those of the AI SDK', { responseHeaders: headers }],
    ['those of gRPC and Connect', { metadata: headers }],
  ])('are %s', (_what, failure) => {
    expect(headersOf(failure)).toEqual([headers]);
    expect(headerOf(failure, wanted)).toBe('7');
  });

  it('are each there once, those of the response first', () => {
    const own = { 'retry-after': '8' };
    expect(headersOf({ response: { headers }, headers, metadata: own })).toEqual([headers, own]);
    expect(headerOf({ response: { headers: {} }, headers: own }, wanted)).toBe('8');
  });

  it.each<[string, unknown]>([['an error without any', new Error('x')], ['headers that are none', { headers: 'retry-after: 7', metadata: null }], ['null', null], ['a text', 'x']])(
    'are none of %s', (_what, failure) => {
      expect(headersOf(failure)).toEqual([]);
      expect(headerOf(failure, wanted)).toBeUndefined();
    },
  );
});
