import { Breaker, BreakerRegistry, cacheOf, withPolicies } from '../../lib';
import { TimerClock } from '../support/timer-clock';

function cached() {
  const clock = new TimerClock();
  const registry = new BreakerRegistry({ clock });
  let runs = 0;
  const get = withPolicies(
    (id: number) =>
      new Promise<string>((resolve) => {
        runs++;
        clock.setTimeout(() => resolve(`value ${id}`), 10);
      }),
    { registry, clock, cache: '1m' },
  );
  return { clock, registry, get, runs: () => runs };
}

describe('a cache', () => {
  it('keeps the result of a run in flight when another call is forgotten meanwhile', async () => {
    const { clock, get, runs } = cached();
    const first = get(1);
    await clock.advance(5);
    cacheOf(get).forget(999);
    await clock.advance(5);
    expect([await first, await get(1), runs()]).toEqual(['value 1', 'value 1', 1]);
  });

  it.each(['miss', 'coalesced'])('lets a call leave at once that a listener ends as it hears of the %s', async (outcome) => {
    const { clock, registry, get } = cached();
    if (outcome === 'coalesced') void get(1);
    const controller = new AbortController();
    const enough = new Error('enough');
    registry.on('cache', (event) => {
      if (event.outcome === outcome) controller.abort(enough);
    });
    const call = new Breaker({ clock }).execute(() => get(1), { signal: controller.signal });
    await expect(call).rejects.toBe(enough);
    expect(clock.now()).toBe(0);
    await clock.advance(100);
    expect(clock.armed).toBe(0);
  });
});
