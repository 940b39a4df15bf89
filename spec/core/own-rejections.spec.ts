import { BreakerRegistry, withPolicies } from '../../lib';
import { pending, rejectionOf } from '../composition/support/flaky';
import { ManualClock } from '../support/manual-clock';

describe('a call that a policy did not let run', () => {
  it.each<[string, object, string]>([
    ['an open circuit', { breaker: {} }, 'BREAKER_OPEN'],
    ['a full bulkhead', { bulkhead: { maxConcurrent: 1, maxQueue: 0 } }, 'BREAKER_BULKHEAD_FULL'],
    ['a rate limit', { rateLimit: { limit: 1, interval: '1h' } }, 'BREAKER_RATE_LIMITED'],
  ])('is told as rejected: by %s', async (_which, options, code) => {
    const registry = new BreakerRegistry({ clock: new ManualClock() });
    const fn = pending();
    const call = withPolicies(fn, { registry, name: 'op', ...options });
    const outcomes: unknown[] = [];
    registry.on('call', ({ outcome }) => outcomes.push(outcome));
    const first = call();
    if (code === 'BREAKER_OPEN') registry.trip('op');
    expect(await rejectionOf(call())).toMatchObject({ code });
    expect(outcomes).toEqual(['rejected']);
    fn.calls[0]!.resolve('it');
    await first;
    expect(outcomes).toEqual(['rejected', 'success']);
  });

  it('is told as rejected: by a throttle', async () => {
    const registry = new BreakerRegistry({ clock: new ManualClock(), random: () => 0 });
    const call = withPolicies(async () => { throw new Error('down'); }, { registry, name: 'op', throttle: {} });
    const outcomes = new Set<unknown>();
    registry.on('call', ({ outcome, error }) => outcomes.add(`${outcome} ${(error as { code?: string }).code ?? ''}`));
    for (let n = 0; n < 200; n++) await rejectionOf(call());
    expect([...outcomes]).toEqual(['failure ', 'rejected BREAKER_THROTTLED']);
  });
});
