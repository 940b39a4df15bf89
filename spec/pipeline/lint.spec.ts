import { BreakerRegistry, circuitBreaker, retry, withBreaker, withPolicies, withRetry } from '../../lib';
import { scripted, works } from '../composition/support/flaky';
import { collectWarnings } from '../registry/support/warnings';

const INSIDE = 'BREAKER_BOX_RETRY_INSIDE_BREAKER';

describe('rule 26: building a pipeline warns once about orders that hurt', () => {
  let registry: BreakerRegistry;
  let warnings: ReturnType<typeof collectWarnings>;

  beforeEach(() => {
    registry = new BreakerRegistry();
    warnings = collectWarnings();
  });
  afterEach(() => {
    warnings.stop();
  });

  const fetchUser = () => scripted(works());

  it('a retry inside a breaker, however the pipeline is written', () => {
    withPolicies(fetchUser(), [circuitBreaker({ registry }), retry()]);
    expect(warnings.codes()).toEqual([INSIDE]);

    withBreaker(withRetry(fetchUser(), { registry }));
    expect(warnings.codes()).toEqual([INSIDE, INSIDE]);
  });

  it('says what it does, where, and what to do instead', () => {
    const fn = Object.defineProperty(fetchUser(), 'name', { value: 'fetchUser' });
    withPolicies(fn, [circuitBreaker({ registry }), retry()]);
    expect(warnings.messages()).toEqual([
      expect.stringMatching(/^withPolicies\(fetchUser\): the retry is inside the breaker, .*one outcome per call.*put the retry outside$/),
    ]);
  });

  it('sees a retry on either side of a breaker', () => {
    withPolicies(fetchUser(), [retry(), circuitBreaker({ registry }), retry()]);
    expect(warnings.codes()).toEqual([INSIDE]);
  });

  it('not again for its calls, nor for another wrapper around it', async () => {
    const wrapped = withPolicies(fetchUser(), [circuitBreaker({ registry }), retry()]);
    await wrapped();
    await withRetry(wrapped)();
    expect(warnings.codes()).toEqual([INSIDE]);
  });

  it('not about a retry outside a breaker, in any form, nor about one policy alone', () => {
    withPolicies(fetchUser(), [retry(), circuitBreaker({ registry })]);
    withPolicies(fetchUser(), { breaker: {}, retry: {}, registry });
    withRetry(withBreaker(fetchUser(), { registry }));
    withBreaker(fetchUser(), { registry });
    withRetry(fetchUser(), { registry });
    expect(warnings.codes()).toEqual([]);
  });
});
