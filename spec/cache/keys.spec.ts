import { isDeepStrictEqual } from 'node:util';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { BreakerRegistry, withPolicies, type CacheOptions } from '../../lib';
import { textOfAll } from '../../lib/cache/call-keys';
import { scripted, works } from '../composition/support/flaky';
import { collectWarnings } from '../registry/support/warnings';
import { runs } from '../support/runs';

let warnings: ReturnType<typeof collectWarnings>;
beforeEach(() => {
  warnings = collectWarnings();
});
afterEach(() => {
  warnings.stop();
});

/** How often the function ran for these calls, one after the other. */
async function runsOf(calls: readonly (readonly unknown[])[], given: Partial<CacheOptions> = {}): Promise<number> {
  const fn = scripted(works());
  const call = withPolicies(fn, { name: 'users.fetch', registry: new BreakerRegistry(), cache: { ttl: '5m', ...given } });
  for (const args of calls) await call(...args);
  return fn.mock.calls.length;
}

class User {
  constructor(readonly id: number) {}
}

const cyclic: Record<string, unknown> = { id: 1 };
cyclic.self = cyclic;
const withHole = [1, 2];
delete withHole[0];
const shared = { id: 1 };

describe('arguments as a key', () => {
  it.each([
    ['names in another order', [{ a: 1, b: [{ c: 2, d: 3 }] }], [{ b: [{ d: 3, c: 2 }], a: 1 }]],
    ['an object without a prototype', [{ a: 1 }], [Object.assign(Object.create(null), { a: 1 })]],
    ['an object of another realm', [{ a: [1] }], [runInNewContext('({ a: [1] })')]],
    ['one object twice', [{ a: shared, b: shared }], [{ a: { id: 1 }, b: { id: 1 } }]],
    ['NaN', [NaN], [NaN]],
    ['nothing', [], []],
  ])('are the same for equal data: %s', async (_which, one, other) => {
    expect(await runsOf([one, other])).toBe(1);
    expect(warnings.codes()).toEqual([]);
  });

  it.each([
    ['a number and its text', [1], ['1']],
    ['undefined and null', [undefined], [null]],
    ['undefined and what is missing', [{ a: undefined }], [{}]],
    ['undefined and no argument', [undefined], []],
    ['NaN and null', [NaN], [null]],
    ['the infinities', [Infinity], [-Infinity]],
    ['0 and -0', [0], [-0]],
    ['true and its text', [true], ['true']],
    ['two arguments and a list of both', ['a', 'b'], [['a', 'b']]],
    ['texts with commas', ['a,b'], ['a', 'b']],
    ['texts with quotes', ['a","b'], ['a', 'b']],
    ['a list and an object with its indices', [['a']], [{ 0: 'a' }]],
    ['the order of a list', [[1, 2]], [[2, 1]]],
    ['arguments that look like one', [1, 2], [12]],
    ['items that look like one', [[1, 2]], [[12]]],
    ['__proto__ as a name', [JSON.parse('{"__proto__":1}')], [{}]],
  ])('differ for different data: %s', async (_which, one, other) => {
    expect(await runsOf([one, other])).toBe(2);
    expect(warnings.codes()).toEqual([]);
  });

  it.each([
    ['an object of a class', new User(1), 'User'],
    ['a Map', new Map([[1, 2]]), 'Map'],
    ['a Set', new Set([1]), 'Set'],
    ['a Date', new Date(0), 'Date'],
    ['a Buffer', Buffer.from('a'), 'Buffer'],
    ['an error', new Error('down'), 'Error'],
    ['a boxed string', new String('a'), 'String'],
    ['a promise', Promise.resolve(), 'Promise'],
    ['a list of a class of lists', new (class Ids extends Array<number> {})(), 'Ids'],
    ['an object with a prototype of its own', Object.create({ id: 1 }), 'class'],
    ['an object whose prototype has none', Object.create(Object.create(null)), 'an object of class without a name'],
    ['an object of a class with a method of objects', new (class Row { hasOwnProperty() { return true; } })(), 'an object of class Row'],
    ['an object of a class without a name', new (class {})(), 'an object of class without a name'],
    ['an object with a constructor that is none', Object.create({ constructor: { name: 'Fake' } }), 'an object of class without a name'],
    ['a function', () => 1, 'function'],
    ['a symbol', Symbol('id'), 'symbol'],
    ['a bigint', 1n, 'bigint'],
    ['a cycle', cyclic, 'contains itself'],
    ['a list with holes', withHole, 'holes'],
    ['a list with a property', Object.assign([1], { total: 1 }), 'properties'],
    ['a list with a hole and a property', Object.assign(withHole.slice(), { total: 1 }), 'properties'],
    ['a symbol as a name', { [Symbol('id')]: 1 }, 'symbols'],
    ['a hidden property', Object.defineProperty({}, 'id', { value: 1 }), 'hidden'],
    ['a getter that throws', { get id() { throw new Error('no id'); } }, 'no id'],
  ])('that are not plain data skip the cache, with one warning: %s', async (_which, value, told) => {
    expect(await runsOf([[value], [{ deep: [value] }], [value]])).toBe(3);
    expect(warnings.codes()).toEqual(['BREAKER_BOX_CACHE_SKIPPED']);
    expect(warnings.messages()[0]).toContain('users.fetch');
    expect(warnings.messages()[0]).toContain(told);
  });

  it('too deep for the stack skip the cache too', async () => {
    let deep: unknown = 1;
    for (let level = 0; level < 20_000; level++) deep = [deep];
    expect(await runsOf([[deep], [deep]])).toBe(2);
    expect(warnings.codes()).toEqual(['BREAKER_BOX_CACHE_SKIPPED']);
  });

  it('are equal exactly when the arguments are, whatever they are', () => {
    const data = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom<unknown>(undefined, null, true, false, 0, -0, 1, NaN, Infinity, '', '0', 'null', '","', 'a'),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom('a', 'b', '0', '__proto__', '"'), tie('value'), { maxKeys: 3, noNullPrototype: true }),
      ),
    })).value;
    const args = fc.array(data, { maxLength: 3 });
    fc.assert(
      fc.property(args, args, (one, other) => {
        expect(textOfAll(one) === textOfAll(other)).toBe(isDeepStrictEqual(one, other));
        expect(textOfAll(structuredClone(one))).toBe(textOfAll(one));
      }),
      { numRuns: runs(1000) },
    );
  });
});

describe('a key function', () => {
  it('gets receiver and arguments, and names the result', async () => {
    const key = jest.fn(function (this: unknown, user: { id: number }) {
      return String(user.id);
    });
    expect(await runsOf([[new User(1)], [new User(1)], [new User(2)]], { key })).toBe(2);
    expect(warnings.codes()).toEqual([]);
  });

  it.each([
    ['throws', () => { throw new Error('no key'); }, 'no key'],
    ['gives no string', () => 7, 'must return a string'],
    ['gives a promise, whose rejection is nobody’s', async () => { throw new Error('late'); }, 'must return a string'],
  ])('that %s skips the cache, with one warning', async (_which, key, told) => {
    expect(await runsOf([[1], [1]], { key: key as never })).toBe(2);
    expect(warnings.codes()).toEqual(['BREAKER_BOX_CACHE_SKIPPED']);
    expect(warnings.messages()[0]).toContain(told);
  });

  it('may give any string (rule 34)', async () => {
    const key = (id: string): string => id;
    expect(await runsOf([['__proto__'], ['constructor'], [''], ['__proto__'], ['constructor'], ['']], { key })).toBe(3);
  });
});

describe('the receiver of a call', () => {
  it.each([['a text', 'x', 'y'], ['null', null, 'null'], ['none', undefined, null]])(
    'is part of its key by its value, where it is no object: %s',
    async (_which, one, other) => {
      const fn = scripted(works());
      const call = withPolicies(fn, { name: 'a', registry: new BreakerRegistry(), cache: '5m' });
      for (const receiver of [one, other, one, other]) await call.call(receiver, 'id');
      expect(fn).toHaveBeenCalledTimes(2);
      expect(warnings.codes()).toEqual([]);
    },
  );
});
