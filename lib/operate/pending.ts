import { ageClockOf, systemClock } from '../core/clock';
import { shared } from '../core/shared';
import type { Breaker } from '../breaker/breaker';
import { setOverride } from '../breaker/override';
import { restoreTo, type BreakerSnapshot } from '../breaker/snapshot';
import type { Override } from '../breaker/states';
import { obtain } from '../registry/breakers';
import type { Operation } from '../registry/operation';
import type { BreakerRegistry, RegistryObserver } from '../registry/registry';
import { doubtOf } from './name-trust';

/** Overrides and snapshots that operators have set: for operations that are registered, and for those to come. */
export class OperatorState implements RegistryObserver {
  /** Overrides of all breakers of an operation, those of keys and instances to come included. */
  readonly overrides = new WeakMap<Operation, Override>();
  /** Overrides of operations that have not registered yet. */
  readonly pendingOverrides = new Map<string, Override>();
  /** Snapshots of operations that have not registered yet. */
  readonly pendingSnapshots = new Map<string, readonly BreakerSnapshot[]>();

  constructor(private readonly registry: BreakerRegistry) {}

  breakerMade(operation: Operation, breaker: Breaker): void {
    const override = this.overrides.get(operation);
    if (override !== undefined && breaker.ageNow() < override.untilMs) setOverride(breaker, override);
  }

  registered(operation: Operation): void {
    const { name, settings } = operation;
    if (settings === undefined) return; // it only counts; a breaker may come yet
    const snapshots = this.pendingSnapshots.get(name) ?? [];
    this.pendingSnapshots.delete(name);
    this.restore(operation, snapshots);
    const override = this.pendingOverrides.get(name);
    this.pendingOverrides.delete(name);
    if (override === undefined) return;
    // Its end is by the registry's clock; the operation may have another.
    const leftMs = override.untilMs - this.age.now();
    if (leftMs > 0) this.setOverride(operation, { ...override, untilMs: settings.age.now() + leftMs });
  }

  /** Undefined clears it. */
  setOverride(operation: Operation, override: Override | undefined): void {
    if (override === undefined) this.overrides.delete(operation);
    else this.overrides.set(operation, override);
    for (const breaker of operation.breakers) {
      if (override !== undefined || breaker.override !== undefined) setOverride(breaker, override);
    }
  }

  /** Restores breakers, by key where there are keys; of a name that may mean another operation by now, none. */
  restore(operation: Operation, snapshots: readonly BreakerSnapshot[]): void {
    if (doubtOf(operation) !== undefined) return;
    for (const snapshot of snapshots) {
      const breaker = snapshot.key === undefined ? operation.breaker : obtain(operation, snapshot.key);
      if (breaker !== undefined) restoreTo(breaker, snapshot);
    }
  }

  /** The registry's time for what ends by itself. */
  get age() {
    return ageClockOf(this.registry.injected.clock ?? systemClock);
  }

  /** For tests. @returns A function that sets again what is set now. */
  remember(): () => void {
    const { pendingOverrides, pendingSnapshots, registry } = this;
    const overridesBefore = new Map(pendingOverrides);
    const snapshotsBefore = new Set(pendingSnapshots.keys());
    const before = new Map(Array.from(registry.table, (operation) => [operation, this.overrides.get(operation)]));
    return () => {
      for (const name of [...pendingSnapshots.keys()]) if (!snapshotsBefore.has(name)) pendingSnapshots.delete(name);
      pendingOverrides.clear();
      for (const [name, override] of overridesBefore) pendingOverrides.set(name, override);
      for (const operation of registry.table) {
        const override = before.get(operation);
        if (this.overrides.get(operation) !== override) this.setOverride(operation, override);
        // One that has come since had taken what was pending for it.
        if (!before.has(operation)) this.registered(operation);
      }
    };
  }
}

/** By registry, for all copies of the package: what one copy sets, another one may clear. */
const states = shared('operator-states', () => new WeakMap<BreakerRegistry, OperatorState>());

/** The overrides and snapshots of a registry. From the first use on, they observe the registry. */
export function operatorState(registry: BreakerRegistry): OperatorState {
  let state = states.get(registry);
  if (state === undefined) {
    state = new OperatorState(registry);
    states.set(registry, state);
    registry.observe(state);
  }
  return state;
}
