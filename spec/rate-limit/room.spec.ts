import { BreakerRegistry, withPolicies } from '../../lib';
import { TimerClock } from '../support/timer-clock';

it('a rate limit drops, for room, limits that are as good as new, so that later keys have their own', async () => {
  const clock = new TimerClock();
  const call = withPolicies(async (_key: string) => undefined, {
    name: 'op', registry: new BreakerRegistry({ clock }), rateLimit: { limit: 1, interval: '1s', key: (key: string) => key, maxKeys: 2 },
  });
  const passes = (key: string) => call(key).then(() => true, () => false);
  expect([await passes('a'), await passes('b'), await passes('c'), await passes('d')]).toEqual([true, true, true, false]);
  await clock.advance(1000);
  expect([await passes('e'), await passes('f'), await passes('e')]).toEqual([true, true, false]);
});
