import { setTimeout as sleep } from 'node:timers/promises';
import { BreakerRegistry, withPolicies, type PolicyOptions } from '../../lib';

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
