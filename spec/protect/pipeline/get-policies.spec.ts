import { getPolicies } from '../../../lib';

describe('what nothing protects', () => {
  it.each<[string, unknown]>([['a function', async () => 'it'], ['an object', {}], ['a string', 'it'], ['null', null], ['nothing', undefined]])('has no policies: %s', (_what, target) => {
    expect(getPolicies(target as never)).toEqual([]);
  });
});
