import type { BreakerOptions } from '../breaker/options';
import { shared } from '../core/shared';
import { operatorState } from '../operate/pending';
import { registry as defaultRegistry } from '../registry/default-registry';
import { groupOf } from '../registry/operation';
import { BreakerRegistry } from '../registry/registry';

/** The registry that the registry of a run was forked from. */
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

/** A registry with the same defaults, and what was configured; with its own time and chance. */
export function fork(registry: BreakerRegistry, injected: Required<Pick<BreakerOptions, 'clock' | 'random'>>): BreakerRegistry {
  const made = new BreakerRegistry({ ...injected, trustDerivedNames: registry.trustDerivedNames });
  made.config = registry.config;
  return made;
}

/** Begins anew: closed circuits, no statistics, and policies that remember nothing. Registrations, configuration and overrides stay. */
export function renew(registry: BreakerRegistry): void {
  registry.states = new WeakMap();
  for (const operation of registry.table) {
    for (const breaker of operation.all) breaker.reset();
    if (operation.single === undefined) operation.group = groupOf(operation);
    operation.bulkheads = undefined;
    operation.expire();
  }
}

/** @returns A function that restores what is configured now, the overrides, and what waits for operations to register. */
export function remember(registry: BreakerRegistry): () => void {
  const { config } = registry;
  const restoreState = operatorState(registry).remember();
  return () => {
    if (registry.config !== config) {
      registry.config = config;
      for (const operation of registry.table) operation.refresh();
    }
    restoreState();
  };
}
