import { shared } from '../core/shared';
import type { BreakerOptions } from '../breaker/options';
import { registry as defaultRegistry } from '../registry/default-registry';
import type { BreakerRegistry } from '../registry/registry';
import { fork } from './registry-state';

/** What the registry of a run was forked from. */
const origins = shared('test-kit.origins', () => new WeakMap<BreakerRegistry, BreakerRegistry>());

/** A registry for a run, with the defaults and rules of the one around it. */
export function forkOf(registry: BreakerRegistry, injected: Required<Pick<BreakerOptions, 'clock' | 'random'>>): BreakerRegistry {
  const made = fork(registry, injected);
  origins.set(made, registry);
  return made;
}

/** The registry and those around the run that it was made for, the nearest first; the default one is around all of them. */
export function withThoseAround(registry: BreakerRegistry): BreakerRegistry[] {
  const found = new Set<BreakerRegistry>();
  for (let one: BreakerRegistry | undefined = registry; one !== undefined; one = origins.get(one)) found.add(one);
  return [...found.add(defaultRegistry)];
}
