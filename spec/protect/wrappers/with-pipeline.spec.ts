import {
  BreakerRegistry, bulkhead, circuitBreaker, fallback, getPolicies, hedge, retry, timeout, withPipeline, withPolicies, type Policy,
} from '../../../lib';
import { errorOf } from '../../support/decorator-fixtures/misuse';

async function load(): Promise<string> {
  return 'it';
}
async function* lines(): AsyncGenerator<string> {
  yield 'line';
}
const messageOf = (act: () => unknown): string => (errorOf(act) as Error).message;
const names = (fn: unknown): string[] | undefined => getPolicies(fn as typeof load)?.map(({ policy }) => policy);

describe('withPipeline', () => {
  const registry = new BreakerRegistry();
  const stack = (): Policy[] => [retry({ maxAttempts: 3, baseDelay: 0, registry }), circuitBreaker({ failureThreshold: 9, registry }), timeout('2s'), bulkhead(20)];

  it('puts the policies around the function in the order given, outermost first', () => {
    expect(names(withPipeline(load, stack()))).toEqual(['retry', 'breaker', 'timeout', 'bulkhead']);
    expect(names(withPipeline(load, [bulkhead(20), retry({ registry })]))).toEqual(['bulkhead', 'retry']);
  });

  it('calls the function through all of them', async () => {
    const fetchIt = jest.fn().mockRejectedValueOnce(new Error('busy')).mockResolvedValue('it');
    const protectedFetch = withPipeline(async () => (await fetchIt()) as string, stack());
    expect(await protectedFetch()).toBe('it');
    expect(fetchIt).toHaveBeenCalledTimes(2);
    expect(protectedFetch.breaker?.failureCount).toBe(0);
  });

  it('adds to the operation of a protected function, as other wrappers do', () => {
    const inner = withPipeline(load, [timeout('1s')]);
    const outer = withPipeline(inner, [retry()]);
    expect(names(outer)).toEqual(['retry', 'timeout']);
    expect(outer.breaker).toBe(inner.breaker);
  });

  it('does what withPolicies does with a list', () => {
    expect(getPolicies(withPipeline(load, stack()))).toEqual(getPolicies(withPolicies(load, stack())));
  });

  it.each<[string, () => unknown, string]>([
    ['an empty list', () => withPipeline(load, []),
      'withPipeline(load): at least one policy must be given: fallback, cache, retry, breaker, throttle, rateLimit, bulkhead, timeout, hedge, chaos; received []'],
    ['an object of policies', () => withPipeline(load, { retry: {} } as never),
      'withPipeline(load): must be a list of policies, such as [retry(), timeout("2s")]; withPolicies takes an object; received {"retry":{}}'],
    ['no list at all', () => withPipeline(load, undefined as never),
      'withPipeline(load): must be a list of policies, such as [retry(), timeout("2s")]; withPolicies takes an object; received undefined'],
    ['what is no function', () => withPipeline(5 as never, [retry()]),
      'withPipeline: only a function that returns a promise or an async iterable can be protected; received 5'],
    ['every problem at once', () => withPipeline(lines, [hedge('1s'), 5, retry({ maxAttempts: 0 })] as never), `withPipeline(lines):
  - 1: must be a policy, such as retry({ ... }); received 5
  - retry.maxAttempts: must be an integer >= 1, or Infinity; received 0
  - hedge: a stream cannot be hedged: which of two began first says nothing about their items; received 'a function that gives a stream'`],
  ])('refuses %s', (_what, act, message) => {
    expect(messageOf(act)).toBe(message);
  });

  it('answers by a fallback of its list', async () => {
    const failing = async (id: string): Promise<string> => Promise.reject(new Error(id));
    expect(await withPipeline(failing, [fallback((_error, id) => `no ${id}`), retry({ maxAttempts: 1, registry })])('a')).toBe('no a');
  });
});
