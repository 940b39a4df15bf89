import { BreakerRegistry, withBreaker, withPolicies, type CacheEvent, type CacheOptions } from '../../../lib';
import { pending } from '../../composition/support/flaky';
import { TimerClock } from '../../support/timer-clock';

/** A cached function whose runs end when the test says so, and what its cache tells of each call. */
export function cached(given: Partial<CacheOptions> = {}) {
  const clock = new TimerClock();
  const registry = new BreakerRegistry({ clock });
  const outcomes: string[] = [];
  registry.on('cache', (event: CacheEvent) => outcomes.push(event.outcome));
  const fn = pending();
  const call = withPolicies(fn as (...args: unknown[]) => Promise<unknown>, { name: 'a', registry, cache: { ttl: 1000, ...given } });
  return { clock, registry, outcomes, fn, call };
}

/** A call around others, which its signal ends. */
export function caller(registry: BreakerRegistry, name = 'caller') {
  const controller = new AbortController();
  const { breaker } = withBreaker(async () => undefined, { name, registry });
  return { controller, calls: <T>(fn: () => Promise<T>): Promise<T> => breaker!.execute(fn, { signal: controller.signal }) };
}
