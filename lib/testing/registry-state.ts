import { forgetStates } from '../core/policy-state';
import { operatorState } from '../operate/pending';
import { groupOf } from '../registry/operation';
import { BreakerRegistry } from '../registry/registry';
import type { BreakerOptions } from '../breaker/options';

/** A registry with the same defaults, and what was configured; with its own time and chance. */
export function fork(registry: BreakerRegistry, injected: Required<Pick<BreakerOptions, 'clock' | 'random'>>): BreakerRegistry {
  const made = new BreakerRegistry({ ...injected, trustDerivedNames: registry.trustDerivedNames });
  made.config = registry.config;
  return made;
}

/** Begins anew: closed circuits, no statistics, and policies that remember nothing. Registrations, configuration and overrides stay. */
export function renew(registry: BreakerRegistry): void {
  forgetStates(registry);
  for (const operation of registry.table) {
    for (const breaker of operation.all) breaker.reset();
    if (operation.single === undefined) operation.breakers = groupOf(operation);
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
