import { BreakerRegistry, withPolicies, type BulkheadEvent, type BulkheadOptions } from '../../../lib';
import type { Guard, Run } from '../../../lib/core/policy';
import { promises } from '../../../lib/core/run';
import { bulkheadKind } from '../../../lib/bulkhead/policy';
import { pending } from '../../composition/support/flaky';
import { TimerClock } from '../../support/timer-clock';

/** A bulkhead around a function whose calls end when the test says so. */
export function setUp(given: number | BulkheadOptions) {
  const clock = new TimerClock();
  const registry = new BreakerRegistry({ clock });
  const fn = pending();
  const wrapped = withPolicies(fn, { name: 'users.fetch', registry, bulkhead: given });
  const events: BulkheadEvent[] = [];
  registry.on('bulkhead', (event) => events.push(event));
  return { clock, registry, fn, wrapped, events };
}

/** What has become of a promise so far. */
export function watch<T>(promise: Promise<T>): { state: 'pending' | 'fulfilled' | 'rejected'; outcome: unknown } {
  const seen: ReturnType<typeof watch> = { state: 'pending', outcome: undefined };
  promise.then(
    (value) => Object.assign(seen, { state: 'fulfilled', outcome: value }),
    (error: unknown) => Object.assign(seen, { state: 'rejected', outcome: error }),
  );
  return seen;
}

/** The layer alone, for calls made by hand. */
export function layerOf(given: BulkheadOptions, clock: TimerClock): Run & { fn: ReturnType<typeof pending>; guard: Guard } {
  const fn = pending();
  const guard = bulkheadKind.bind!(bulkheadKind.resolve(given, 'spec'), {
    operation: 'a', registry: new BreakerRegistry(), clock, random: undefined, isStream: false, allowance: undefined,
    sink: { has: () => false, emit: () => undefined },
  }) as Guard;
  return Object.assign(promises.guard(guard, promises.call(fn)), { fn, guard });
}
