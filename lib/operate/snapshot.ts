import { ConfigurationError } from '../core/errors';
import { anything, list, options, resolve, when } from '../core/check';
import { isRegistry } from '../core/options';
import { warnOnce } from '../core/warn';
import type { Breaker } from '../breaker/breaker';
import { isBreaker } from '../breaker/observer';
import { readSnapshot, restoreTo, snapshotOf, type BreakerSnapshot } from '../breaker/snapshot';
import type { BreakerRegistry } from '../registry/registry';
import { doubtOf, findable } from './name-trust';
import { operatorState } from './pending';
import { isCounter, refuseCounter, type Counter } from '../registry/counter';

/** All breakers of a registry as plain JSON, versioned. */
export interface RegistrySnapshot {
  readonly version: 1;
  readonly breakers: readonly BreakerSnapshot[];
}

const registrySchema = /* @__PURE__ */ options({
  version: when<1>((input) => input === 1, __DEV__ && 'must be 1, the version that this breaker-box reads'),
  breakers: list(anything(), __DEV__ && 'must be a list of breaker snapshots'),
});

/**
 * The state of a breaker, or of all breakers of a registry, as plain JSON. Of a registry, breakers of instances are left out, and those whose
 * name may mean another operation at the next start: numbered, `anonymous`, or written by a minifier; see {@link RegistryOptions.trustDerivedNames}.
 *
 * @throws {@link ConfigurationError} when it is given neither.
 */
export function snapshot(breaker: Breaker | Counter): BreakerSnapshot;
export function snapshot(registry: BreakerRegistry): RegistrySnapshot;
export function snapshot(target: Breaker | Counter | BreakerRegistry): BreakerSnapshot | RegistrySnapshot {
  if (isBreaker(target)) return snapshotOf(target);
  requireTarget(target, 'snapshot');
  const breakers: BreakerSnapshot[] = [];
  for (const operation of target.table) {
    const doubt = doubtOf(operation);
    if (doubt?.why !== undefined) {
      warnOnce(doubt.site, 'BREAKER_BOX_UNNAMED', `The operation '${operation.name}' is left out of snapshots, for ${doubt.why}`);
    }
    if (doubt !== undefined) continue;
    for (const breaker of findable(operation)) breakers.push(snapshotOf(breaker));
  }
  // Snapshots that wait for their operation are unchanged: each has the time when it was taken.
  return { version: 1, breakers: [...breakers, ...[...operatorState(target).pendingSnapshots.values()].flat()] };
}

/**
 * Restores a breaker, or the breakers of a registry, from a snapshot, aged by the wall-clock time since it was taken.
 *
 * Of a registry, snapshots of unknown operations are kept until they register. Of a keyed operation's, as many are restored as `maxKeys` has
 * room for, by the rule that makes room for new keys: open ones stay, closed ones make way.
 *
 * @throws {@link ConfigurationError} when the snapshot is malformed or of a newer version; then nothing has changed.
 */
export function restore(breaker: Breaker | Counter, saved: BreakerSnapshot): void;
export function restore(registry: BreakerRegistry, saved: RegistrySnapshot): void;
export function restore(target: Breaker | Counter | BreakerRegistry, saved: BreakerSnapshot | RegistrySnapshot): void {
  if (isBreaker(target)) restoreTo(target, saved);
  else {
    requireTarget(target, 'restore');
    restoreRegistry(target, saved);
  }
}

function restoreRegistry(registry: BreakerRegistry, saved: unknown): void {
  const state = operatorState(registry);
  for (const [name, snapshots] of byName(saved)) {
    const operation = registry.table.get(name);
    if (operation === undefined) state.pendingSnapshots.set(name, snapshots);
    else state.restore(operation, snapshots);
  }
}

function byName(saved: unknown): Map<string, BreakerSnapshot[]> {
  const found = new Map<string, BreakerSnapshot[]>();
  resolve(registrySchema, saved, 'restore of the registry').breakers.forEach((one, index) => {
    const { name } = readSnapshot(one, `restore of the registry, breakers.${index}`);
    const snapshots = found.get(name) ?? [];
    found.set(name, snapshots);
    snapshots.push(one as BreakerSnapshot);
  });
  return found;
}

function requireTarget(target: unknown, subject: string): asserts target is BreakerRegistry {
  if (isRegistry(target)) return;
  if (isCounter(target)) refuseCounter(subject, target.name);
  throw new ConfigurationError(subject, [{ path: 'target', message: 'must be a breaker or a BreakerRegistry', received: target }]);
}
