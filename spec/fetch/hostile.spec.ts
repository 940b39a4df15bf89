import { BreakerRegistry, type PolicyOptions } from '../../lib';
import { fetchWith } from '../../lib/fetch';
import { HOSTILE_RESULTS, TRAP } from '../support/hostile-values';

type Settled = { readonly value: unknown } | { readonly error: unknown };

const settled = (promise: Promise<unknown>): Promise<Settled> => promise.then((value) => ({ value }), (error: unknown) => ({ error }));

/** The measure: what an async function makes of it that returns it. */
async function returned(give: () => unknown): Promise<Settled> {
  try {
    const value = await (async () => give())();
    return { value };
  } catch (error) {
    return { error };
  }
}

function isSame(one: Settled, other: Settled): boolean {
  const same = (a: unknown, b: unknown): boolean => Object.is(a, b) || (a instanceof TypeError && b instanceof TypeError && a.message === b.message);
  if ('value' in one) return 'value' in other && same(one.value, other.value);
  return 'error' in other && same(one.error, other.error);
}

// Point 8 of the field's rules: what a stand-in for `fetch` gives may be anything.
describe('fetchWith, of a `fetch` whose answers are hostile', () => {
  const policies: [string, PolicyOptions][] = [
    ['a retry and a breaker', { retry: { maxAttempts: 3, baseDelay: 0 }, breaker: {} }],
    ['a throttle, a bulkhead and a timeout', { throttle: {}, bulkhead: 1, timeout: 10_000 }],
    ['a hedge', { hedge: { delay: 10_000 } }],
  ];

  it.each(policies)('gives what an async function would, and has room for the next request: under %s', async (_which, options) => {
    for (const [what, make] of HOSTILE_RESULTS) {
      for (const give of [((value) => () => value)(make()), ((value) => () => { throw value; })(make())]) {
        let isHostile = true;
        const good = new Response('good');
        const call = fetchWith({ ...options, registry: new BreakerRegistry({ random: () => 0.999 }) }, { fetch: (() => (isHostile ? give() : Promise.resolve(good))) as never });
        expect([what, isSame(await returned(give), await settled(call('https://a.test/')))]).toEqual([what, true]);
        isHostile = false;
        expect(await settled(call('https://b.test/'))).toEqual({ value: good });
      }
    }
  });

  it('rejects, and does not throw at once, whatever it is given to send', async () => {
    const call = fetchWith({ retry: { maxAttempts: 2, baseDelay: 0 }, breaker: {} }, { fetch: (async () => new Response('good')) as never });
    for (const [, make] of HOSTILE_RESULTS) {
      const outcomes = [settled(call(make() as never)), settled(call('https://a.test/', make() as never)), settled(call('https://a.test/', { signal: make() } as never))];
      for (const outcome of await Promise.all(outcomes)) expect(outcome).toBeDefined();
    }
    class Trap {
      addEventListener(): never { throw TRAP; }
      removeEventListener(): never { throw TRAP; }
      get aborted(): never { throw TRAP; }
      get reason(): never { throw TRAP; }
    }
    expect(await settled(call('https://a.test/', { signal: new Trap() } as never))).toEqual({ value: expect.any(Response) });
  });
});
