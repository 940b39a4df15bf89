import { keyOfCall } from '../../lib/core/keyed-states';

describe('the key of a call', () => {
  it('is what the function gives for the receiver and all arguments', () => {
    const keyOf = function (this: { tenant: string }, ...args: unknown[]) {
      return [this.tenant, ...args].join('/');
    };
    expect(keyOfCall(keyOf as never, 'op', { tenant: 'eu' }, ['a', 1])).toBe('eu/a/1');
  });

  it.each<[string, () => unknown, string]>([
    ['throws', () => { throw new TypeError('no host'); }, 'key of op: key: the key function threw TypeError: no host; received undefined'],
    ['gives no text', () => 7, 'key of op: key: the key function must return a string; received 7'],
  ])('is refused, in words, where it %s', (_how, keyOf, message) => {
    expect(() => keyOfCall(keyOf as never, 'op', undefined, [])).toThrow(expect.objectContaining({ message, operation: 'op' }));
  });
});
