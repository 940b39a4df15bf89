import { BreakerRegistry, describePipeline, hedge, retry, withPolicies, type Policy } from '../../lib';
import { ManualClock } from '../support/manual-clock';

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

describe('the clock of a policy', () => {
  it('is its own, or what the registry injects; not that of the breaker beside it', () => {
    const call = withPolicies(async () => 'it', { name: 'op', registry: new BreakerRegistry(), breaker: { clock: new ManualClock() }, timeout: '1s' });
    const [, ofTheTimeout] = describePipeline(call).split('2. timeout');
    expect(ofTheTimeout).toBe(`
       duration: 1000 (site)
       mode: 'abandon' (default)`);
  });
});
