import { setTimeout as sleep } from 'node:timers/promises';
import { runInNewContext } from 'node:vm';
import { BreakerRegistry, withPolicies, type PolicyOptions } from '../../../lib';

/** A native promise on which somebody has put a `then` of his own, which calls back at once and again later. */
function oddPromise(): Promise<string> {
  const odd = Promise.resolve('odd');
  odd.then = ((react: (value: string) => void) => {
    react('at once');
    setTimeout(() => react('again'), 1);
    return odd;
  }) as never;
  return odd;
}

describe('a promise with a `then` of its own', () => {
  const stacks: [string, PolicyOptions][] = [
    ['a breaker', { breaker: {} }],
    ['a breaker over a timeout', { breaker: {}, timeout: 1000 }],
    ['a retry over a timeout', { retry: {}, timeout: 1000 }],
  ];

  it.each(stacks)('settles its own call, and no other, under %s', async (_name, policies) => {
    const call = withPolicies(async (kind: string) => (await Promise.resolve(), kind), { ...policies, registry: new BreakerRegistry() });
    const mixed = withPolicies((kind: string) => (kind === 'odd' ? oddPromise() : call(kind)), { ...policies, registry: new BreakerRegistry() });
    for (let n = 0; n < 5; n++) {
      expect(await mixed('odd')).toBe('odd');
      const good = mixed('good');
      await sleep(3);
      expect(await good).toBe('good');
    }
  });
});

describe('a result that is no plain promise', () => {
  class Traced<T> extends Promise<T> {}
  const results: [string, () => unknown, unknown][] = [
    ['a promise of a class of its own', () => Traced.resolve('it'), { value: 'it' }],
    ['a promise of another realm', () => runInNewContext('Promise.resolve("it")'), { value: 'it' }],
    ['a thenable', () => ({ then: (react: (value: string) => void) => { react('it'); } }), { value: 'it' }],
    ['a value', () => 'it', { value: 'it' }],
    ['nothing', () => undefined, { value: undefined }],
    ['an object of the prototype of promises', () => Object.create(Promise.prototype) as unknown, { error: expect.any(TypeError) }],
    ['the proxy of a promise', () => new Proxy(Promise.resolve('it'), {}), { error: expect.any(TypeError) }],
  ];
  const stacks: PolicyOptions[] = [{ breaker: {} }, { timeout: 1000 }, { retry: { maxAttempts: 1 } }, { bulkhead: 3 }];

  it.each(results)('is answered by a plain promise, as `await` would take it: %s', async (_what, give, expected) => {
    for (const policies of stacks) {
      const call = withPolicies(give as () => Promise<unknown>, { ...policies, registry: new BreakerRegistry() });
      for (let n = 0; n < 3; n++) {
        const answer = call();
        expect(answer.constructor).toBe(Promise);
        expect(await answer.then((value) => ({ value }), (error: unknown) => ({ error }))).toEqual(expected);
      }
    }
  });
});
