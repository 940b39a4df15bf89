import { BreakerRegistry, callWith, cache, circuitBreaker, bulkhead, fallback, hedge, rateLimit, retry, throttle, timeout, withPolicies, withRegistry, type Policy } from '../../lib';
import { rejectionOf } from './support/flaky';
import { reactions } from '../support/timer-clock';

const POLICIES: Readonly<Record<string, () => Policy>> = {
  'a breaker': () => circuitBreaker(),
  'a retry': () => retry(),
  'a retry with a budget of time': () => retry({ maxElapsed: '1m' }),
  'a timeout': () => timeout('1s'),
  'a bulkhead': () => bulkhead(1),
  'a rate limit': () => rateLimit(1),
  'a throttle': () => throttle(),
  'a hedge': () => hedge({ delay: '1s', idempotent: true }),
  'a cache': () => cache('1s'),
  'a fallback': () => fallback(() => 'instead'),
};

// Rule 20: zero calls.
describe.each(Object.entries(POLICIES))('%s, called in a call that was aborted', (_name, policy) => {
  it('does not run the function, and rejects with the reason', async () => {
    const fn = jest.fn(async () => 'value');
    const inner = withRegistry(new BreakerRegistry(), () => withPolicies(fn, [policy()]));
    const controller = new AbortController();
    const reason = new Error('left');
    const call = rejectionOf(callWith({ signal: controller.signal }, () => {
      controller.abort(reason);
      return inner();
    }));
    await reactions();
    expect(fn).not.toHaveBeenCalled();
    expect(await call).toBe(reason);
  });
});
