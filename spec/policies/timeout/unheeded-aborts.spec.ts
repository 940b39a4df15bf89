import { BreakerRegistry, withBreaker, withPolicies } from '../../../lib';
import { pending } from '../../composition/support/flaky';
import { TimerClock } from '../../support/timer-clock';

describe.each(['abandon', 'cooperative'] as const)('an abort that nobody looks at (%s)', (mode) => {
  it('of the call around it: the call is given up with its reason, and no timeout is told of', async () => {
    const clock = new TimerClock();
    const registry = new BreakerRegistry({ clock });
    const timeouts = jest.fn();
    registry.on('timeout', timeouts);
    const fn = pending();
    const inner = withPolicies(fn, { registry, timeout: { duration: 100, mode } });
    const controller = new AbortController();
    const reason = new Error('left');
    const call = withBreaker(async () => undefined, { clock }).breaker!.execute(() => inner(), { signal: controller.signal }).catch((error: unknown) => error);
    await clock.advance(50);
    controller.abort(reason);
    await clock.advance(50);
    if (mode === 'cooperative') fn.calls[0]!.reject(reason);
    expect(await call).toBe(reason);
    expect(inner.breaker!.stats).toMatchObject({ ignored: 1, failures: 0 });
    expect(timeouts).not.toHaveBeenCalled();
  });
});
