import fc from 'fast-check';
import {
  BreakerRegistry, bulkhead, cache, circuitBreaker, fallback, hedge, rateLimit, retry, throttle, timeout, withPolicies, Bulkhead, Cache, CircuitBreaker, Fallback, Hedge, RateLimit, Retry, Throttle, Timeout,
  type Policy,
} from '../../lib';
import { runs } from '../support/runs';

const EVERY = { allow: [
  'BREAKER_BOX_RETRY_INSIDE_BREAKER', 'BREAKER_BOX_TIMEOUT_OUTSIDE_RETRY', 'BREAKER_BOX_TIMEOUT_OUTSIDE_BREAKER', 'BREAKER_BOX_HEDGE_NOT_IDEMPOTENT', 'BREAKER_BOX_FALLBACK_INSIDE_BREAKER',
] as never };
const options = {
  retry: { maxAttempts: 3, baseDelay: 0, jitter: false, handle: (error: unknown) => (error as { code?: string }).code !== 'BREAKER_OPEN', ...EVERY },
  breaker: { failureThreshold: 4, recoveryTimeout: '1h' },
  bulkhead: { maxConcurrent: 2, maxQueue: 5 },
  timeout: { duration: '1m', ...EVERY },
  fallback: { use: (error: unknown) => `instead of ${(error as Error).message}`, handle: (error: unknown) => (error as Error).message !== 'e0' },
  cache: { ttl: '1h' },
  rateLimit: { limit: 1000, interval: '1m' },
  hedge: { delay: '1m', idempotent: true },
  throttle: { k: 100, random: () => 0.99 },
} as const;
type Name = keyof typeof options;

const POLICIES: Record<Name, (given: never) => Policy> = { retry, breaker: circuitBreaker, bulkhead, timeout, fallback, cache, rateLimit, hedge, throttle } as never;
const DECORATORS: Record<Name, (given: never) => (method: never, context: never) => unknown> = {
  retry: Retry, breaker: CircuitBreaker, bulkhead: Bulkhead, timeout: Timeout, fallback: Fallback, cache: Cache, rateLimit: RateLimit, hedge: Hedge, throttle: Throttle,
} as never;

type Load = (n: number) => Promise<string>;
type Wrapped = Load & { readonly breaker?: { readonly state: string; readonly stats: { readonly failures: number; readonly calls: number } } | undefined };
type Wrap = (fn: Load, registry: BreakerRegistry) => Wrapped;

const inList = (order: readonly Name[]): Wrap => (fn, registry) => withPolicies(fn, order.map((name) => POLICIES[name]({ name: 'op', registry, ...options[name] } as never)));
const nested = (order: readonly Name[]): Wrap => (fn, registry) =>
  order.reduceRight<Load>((inner, name) => withPolicies(inner, [POLICIES[name]({ name: 'op', registry, ...options[name] } as never)]), fn);

/** As TypeScript applies legacy decorators, the lowest first. */
const stacked = (order: readonly Name[]): Wrap => (fn, registry) => {
  class Api {}
  let descriptor: PropertyDescriptor = { value: fn, writable: true, configurable: true };
  for (const name of [...order].reverse()) {
    const decorate = DECORATORS[name]({ name: 'op', registry, ...options[name] } as never) as unknown as (target: object, key: string, descriptor: PropertyDescriptor) => PropertyDescriptor;
    descriptor = decorate(Api.prototype, 'load', descriptor);
  }
  return descriptor.value as Wrapped;
};

/** All that can be seen of some calls. 0: works; 1: fails; 2: fails once. */
async function seen(wrap: Wrap, script: readonly number[]): Promise<unknown> {
  let ran = 0;
  const call = wrap(async (n) => {
    ran++;
    const act = script[n];
    if (act === 1 || (act === 2 && ran % 2 === 1)) throw new Error(`e${n % 3}`);
    return `v${n}`;
  }, new BreakerRegistry());
  const outcomes: unknown[] = [];
  for (let n = 0; n < script.length; n++) outcomes.push(await call(n).catch((error: Error) => [error.name, error.message]));
  const many = await Promise.all([3, 4, 5].map((n) => call(n).catch(({ name }: Error) => name)));
  const { state, stats } = call.breaker!;
  return { outcomes, many, ran, state, failures: stats.failures, calls: stats.calls };
}

const SETS: readonly (readonly Name[])[] = [
  ['retry', 'breaker', 'timeout'],
  ['retry', 'breaker', 'bulkhead', 'timeout'],
  ['fallback', 'retry', 'breaker', 'timeout', 'hedge'],
  ['cache', 'retry', 'breaker', 'rateLimit', 'bulkhead'],
  ['retry', 'throttle', 'timeout', 'breaker', 'fallback'],
];

function permutations<T>(items: readonly T[]): T[][] {
  return items.length < 2 ? [[...items]] : items.flatMap((one, at) => permutations(items.filter((_, other) => other !== at)).map((rest) => [one, ...rest]));
}

describe('policies stand in any order, and a list, wrappers around wrappers and stacked decorators are the same', () => {
  it.each(SETS.map((set) => [set.join(', '), set] as const))('%s', async (_names, set) => {
    const script = [0, 1, 2, 0, 2, 1, 1, 1, 1, 0];
    // Of five policies, every tenth order; chance takes others.
    for (const order of permutations(set).filter((_, at) => set.length < 5 || at % 10 === 0)) {
      const expected = await seen(inList(order), script);
      expect([order, await seen(nested(order), script)]).toEqual([order, expected]);
      expect([order, await seen(stacked(order), script)]).toEqual([order, expected]);
    }
  });

  it('whatever the function does', async () => {
    const anyOrder = fc.constantFrom(...SETS).chain((set) => fc.shuffledSubarray([...set], { minLength: set.length }));
    await fc.assert(
      fc.asyncProperty(anyOrder, fc.array(fc.constantFrom(0, 1, 2), { minLength: 6, maxLength: 12 }), async (order, script) => {
        const expected = await seen(inList(order), script);
        expect(await seen(nested(order), script)).toEqual(expected);
        expect(await seen(stacked(order), script)).toEqual(expected);
      }),
      { numRuns: runs(60) },
    );
  });
});

describe('where a policy stands decides', () => {
  it.each([[['cache', 'breaker'], 1], [['breaker', 'cache'], 3]] as const)('a kept value asks no guard inside: %s', async (order, calls) => {
    const call = inList(order)(async () => 'v', new BreakerRegistry());
    for (let n = 0; n < 3; n++) expect(await call(0)).toBe('v');
    expect(call.breaker!.stats.calls).toBe(calls);
  });

  it.each([[['retry', 'breaker'], 3], [['breaker', 'retry'], 1]] as const)('a breaker inside a retry counts attempts, outside calls: %s', async (order, failures) => {
    const call = inList(order)(async () => { throw new Error('down'); }, new BreakerRegistry());
    await expect(call(0)).rejects.toThrow('down');
    expect(call.breaker!.stats.failures).toBe(failures);
  });
});
