import { BreakerRegistry, withPolicies } from '../../lib';
import { pending } from '../composition/support/flaky';
import { TimerClock } from '../support/timer-clock';

it.each(['its own', 'its registry’s'])('the budget of a hedge is filled again by %s clock', async (whose) => {
  const clock = new TimerClock();
  const isOwn = whose === 'its own';
  const fn = pending();
  const call = withPolicies(fn, {
    name: 'op', registry: isOwn ? new BreakerRegistry() : new BreakerRegistry({ clock }),
    hedge: { delay: 10, idempotent: true, budget: { ratio: 0, minPerSecond: 0.1 }, clock: isOwn ? clock : undefined },
  });
  const runs = async () => {
    const before = fn.mock.calls.length;
    void call();
    await clock.advance(20);
    return fn.mock.calls.length - before;
  };
  expect([await runs(), await runs()]).toEqual([2, 1]);
  await clock.advance(60_000);
  expect(await runs()).toBe(2);
});
