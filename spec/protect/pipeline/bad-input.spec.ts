import {
  BreakerRegistry, cacheOf, describePipeline, fallback, hedge, retry, timeout, withBreaker, withPolicies, withRetry, type Policy,
} from '../../../lib';
import { errorOf } from '../../support/decorator-fixtures/misuse';

async function load(): Promise<string> {
  return 'it';
}
async function* lines(): AsyncGenerator<string> {
  yield 'line';
}
const messageOf = (act: () => unknown): string => (errorOf(act) as Error).message;
const list = (...policies: unknown[]) => () => withPolicies(load, policies as Policy[]);

const POLICIES = 'fallback, cache, retry, breaker, throttle, rateLimit, bulkhead, timeout, hedge, chaos';

describe('what a pipeline says of bad input', () => {
  const [one, other] = [new BreakerRegistry(), new BreakerRegistry()];

  it.each<[string, () => unknown, string]>([
    ['no policy', () => withPolicies(load, {}), `withPolicies(load): at least one policy must be given: ${POLICIES}; received {}`],
    ['an empty list', list(), `withPolicies(load): at least one policy must be given: ${POLICIES}; received []`],
    ['what is no policy', list(null, 5, { kind: {} }, retry()), `withPolicies(load):
  - 0: must be a policy, such as retry({ ... }); received null
  - 1: must be a policy, such as retry({ ... }); received 5
  - 2: must be a policy, such as retry({ ... }); received {"kind":{}}`],
    ['two names', list(retry({ name: 'a' }), timeout({ duration: 1, name: 'b' })),
      'withPolicies(load): name: the policies of one stack are one operation and cannot have different names; received ["a","b"]'],
    ['two answers to one question', list(retry({ stream: true }), timeout({ duration: 1, stream: false })),
      'withPolicies(load): stream: the policies of one stack must agree whether the function is a stream; received [true,false]'],
    ['a stream where there can be none', () => withPolicies(lines, { cache: '1s' }),
      "withPolicies(lines): cache: a stream cannot be cached: its items are read once; received 'a function that gives a stream'"],
    ['that, beside what else is wrong', () => withPolicies(lines, { cache: '1s', retry: { maxAttempts: 0 } }), `withPolicies(lines):
  - retry.maxAttempts: must be an integer >= 1, or Infinity; received 0
  - cache: a stream cannot be cached: its items are read once; received 'a function that gives a stream'`],
    ['that, in a list', () => withPolicies(lines, [hedge('1s'), retry({ maxAttempts: 0 })] as never), `withPolicies(lines):
  - retry.maxAttempts: must be an integer >= 1, or Infinity; received 0
  - hedge: a stream cannot be hedged: which of two began first says nothing about their items; received 'a function that gives a stream'`],
    ['that, of a wrapper that was told of it', () => withPolicies(withBreaker(load, { stream: true, registry: one }), { cache: '1s', retry: { maxAttempts: 0 } } as never), `withPolicies(load):
  - retry.maxAttempts: must be an integer >= 1, or Infinity; received 0
  - cache: a stream cannot be cached: its items are read once; received 'a function that gives a stream'`],
    ['that, beside what is no policy', () => withPolicies(lines, [hedge('1s'), 5] as never), `withPolicies(lines):
  - 1: must be a policy, such as retry({ ... }); received 5
  - hedge: a stream cannot be hedged: which of two began first says nothing about their items; received 'a function that gives a stream'`],
    ['a bare function', () => describePipeline(load),
      'describePipeline: only a protected function has a pipeline: one that a wrapper gave back, or a decorated method; received function load'],
    ['a bare method', () => describePipeline({ load }, 'load'),
      'describePipeline: load: only a protected function has a pipeline: one that a wrapper gave back, or a decorated method; received {}'],
    ['a method that is not there', () => describePipeline(class {}, 'load'),
      'describePipeline: load: only a protected function has a pipeline: one that a wrapper gave back, or a decorated method; received a function'],
    ['an arrow, which has no prototype', () => describePipeline(() => 1, 'load'),
      'describePipeline: load: only a protected function has a pipeline: one that a wrapper gave back, or a decorated method; received a function'],
    ['a function without a cache', () => cacheOf(withRetry(load, { registry: one })),
      'cacheOf: fn: must be a function that a cache protects; received function load'],
    ['a function that nothing protects', () => cacheOf(load), 'cacheOf: fn: must be a function that a cache protects; received function load'],
    ['an option in an option that is none', () => withPolicies(load, { retry: { budget: { ratio: -1 } } }),
      'withPolicies(load): retry.budget.ratio: must be a number >= 0; received -1'],
    ['a policy that is wrong as a whole', () => withPolicies(load, { retry: 5 as never }), 'withPolicies(load): retry: must be an object of options; received 5'],
  ])('%s', (_what, act, message) => {
    expect(messageOf(act)).toBe(message);
  });

  it('two registries', () => {
    expect(messageOf(list(retry({ registry: one }), timeout({ duration: 1, registry: other })))).toContain(
      'withPolicies(load): registry: the policies of one stack are one operation and cannot be in different registries; received',
    );
    expect(messageOf(() => withRetry(withBreaker(load, { registry: one }), { registry: other }))).toContain(
      'registry: the policies of one stack are one operation and cannot be in different registries',
    );
  });

  it('takes what agrees', () => {
    const wrapped = withPolicies(load, [fallback(() => 'x'), retry({ name: 'a', registry: one, stream: false }), timeout({ duration: 1, name: 'a', registry: one })]);
    expect(wrapped.operation).toBe('a');
  });
});

describe('that a function gives a stream', () => {
  const policies = (stream?: boolean): Policy[] => [retry(stream === undefined ? {} : { stream }), hedge({ delay: '1s', idempotent: true })];
  const items = async function* (): AsyncGenerator<string> {
    yield 'item';
  };

  it('is for the policies to say, where the function does not show it', () => {
    const load = async (): Promise<string> => 'it';
    expect(() => withPolicies(load, policies(true) as never)).toThrow('a stream cannot be hedged');
    expect(() => withPolicies(load, policies(false) as never)).not.toThrow();
    expect(() => withPolicies(items, policies() as never)).toThrow('a stream cannot be hedged');
    expect(() => withPolicies(items, policies(false) as never)).not.toThrow();
  });
});

describe('what is checked as a pipeline is made', () => {
  it('passes on what an option throws that is read', () => {
    const mine = new Error('mine');
    const options = { get maxAttempts(): number { throw mine; } };
    expect(() => withPolicies(async () => 'it', [retry(options)])).toThrow(mine);
  });

  it('names all that contradicts: two breakers among it', () => {
    const registry = new BreakerRegistry();
    const twice = () => withBreaker(withBreaker(async () => 'it', { registry, name: 'a' }), { registry });
    expect(twice).toThrow(expect.objectContaining({ message: expect.stringContaining('breaker: an operation has one breaker; received 2') }));
  });
});
