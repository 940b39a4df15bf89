import { ConfigurationError } from '../core/errors';
import { optional, options as optionsOf, resolve } from '../core/check';
import { flag } from '../core/options';
import type { Breaker } from '../breaker/breaker';
import { isBreaker } from '../breaker/observer';
import type { OverrideKind } from '../breaker/events';
import { carryOut, setOverride, toFleetAct, toOverride, type FleetAct, type FleetOverrideOptions, type OverrideOptions } from '../breaker/override';
import type { Override } from '../breaker/states';
import { refuseCounter } from '../registry/counter';
import type { Operation } from '../registry/operation';
import type { BreakerRegistry } from '../registry/registry';
import { operatorState } from './pending';
import { splitRegistry, targetOf, type Named } from './target';
import type { Counter } from '../registry/counter';

const clearingSchema = optionsOf({ fleet: optional(flag(), false) });

/**
 * Sets an override: on a breaker, or by name on all breakers of an operation, those of keys and instances to come included. One that
 * registers later gets it too.
 *
 * By name: the registry is the given one, else the one of `withRegistry`, else the default one.
 *
 * @returns How many breakers it reached now; with `{ fleet: true }` a promise of that, which settles when the store of `shareBreakers`
 *   has it, or cannot. A name that no operation has, nor gets within ten seconds, is warned of.
 * @throws {@link ConfigurationError} when the options are wrong, or `fleet` goes with a breaker that is not shared.
 */
export interface SetOverride {
  (breaker: Breaker | Counter, options: FleetOverrideOptions): Promise<number>;
  (breaker: Breaker | Counter, options?: OverrideOptions): number;
  (name: string, options: FleetOverrideOptions): Promise<number>;
  (name: string, options?: OverrideOptions): number;
  (registry: BreakerRegistry, name: string, options: FleetOverrideOptions): Promise<number>;
  (registry: BreakerRegistry, name: string, options?: OverrideOptions): number;
}

/** Takes overrides away: of a breaker, of an operation by name, or of all operations of a registry. As {@link SetOverride}. */
export interface ClearOverride {
  (target: Breaker | Counter | string, options: { fleet: true }): Promise<number>;
  (target?: Breaker | Counter | string | BreakerRegistry): number;
  (registry: BreakerRegistry, name: string, options: { fleet: true }): Promise<number>;
  (registry: BreakerRegistry, name: string): number;
}

/** Rejects all calls until it is cleared, or until `for` ends; then the breaker goes on in the state it had. See {@link SetOverride}. */
export const forceOpen = setter('forceOpen', 'forced_open');

/** Admits all calls and records nothing. See {@link SetOverride}. */
export const disable = setter('disable', 'disabled');

/** Runs the state machine as usual, but admits all calls, and marks in the events those it would have rejected. See {@link SetOverride}. */
export const shadow = setter('shadow', 'shadow');

/** Takes overrides away: this process's, or with `fleet` those of all processes that share the breakers. See {@link ClearOverride}. */
export const clearOverride = ((...args: unknown[]): number | Promise<number> => {
  const { registry, rest } = splitRegistry(args);
  if (rest[0] === undefined && rest[1] === undefined) return clearAll(registry);
  const { target, options } = targetOf('clearOverride', args);
  const { fleet } = resolve(clearingSchema, options ?? {}, `clearOverride of ${target.name}`);
  if (fleet) return setForFleet(target, { kind: 'clear' });
  return isBreaker(target) ? setOn(target, undefined) : clearByName(target);
}) as ClearOverride;

function setter(call: string, kind: OverrideKind): SetOverride {
  return ((...args: unknown[]): number | Promise<number> => {
    const { target, options } = targetOf(call, args) as { target: Breaker | Named; options: OverrideOptions | undefined };
    const age = isBreaker(target) ? target.settings.age : (operationOf(target)?.settings?.age ?? operatorState(target.registry).age);
    const override = toOverride(kind, options, target.name, age);
    if (options?.fleet === true) return setForFleet(target, toFleetAct(kind, options, target.name));
    return isBreaker(target) ? setOn(target, override) : setByName(target, override, call);
  }) as SetOverride;
}

function setOn(breaker: Breaker, override: Override | undefined): number {
  setOverride(breaker, override);
  return 1;
}

function setByName({ registry, name }: Named, override: Override, call: string): number {
  const state = operatorState(registry);
  const operation = registry.table.get(name);
  if (operation === undefined) {
    state.pendingOverrides.set(name, override);
    registry.noteMissing(name, call);
    return 0;
  }
  if (operation.settings === undefined) refuseCounter(call, name);
  state.setOverride(operation, override);
  return sizeOf(operation);
}

function clearByName({ registry, name }: Named): number {
  const state = operatorState(registry);
  const wasPending = state.pendingOverrides.delete(name);
  const operation = registry.table.get(name);
  if (operation !== undefined) {
    state.setOverride(operation, undefined);
    return sizeOf(operation);
  }
  // A name that an override was pending for is not mistyped.
  if (!wasPending) registry.noteMissing(name, 'clearOverride');
  return 0;
}

function clearAll(registry: BreakerRegistry): number {
  const state = operatorState(registry);
  state.pendingOverrides.clear();
  const operations = [...registry.table];
  for (const operation of operations) state.setOverride(operation, undefined);
  return operations.reduce((sum, operation) => sum + sizeOf(operation), 0);
}

/** Carries out an operator's act on breakers in all processes that share them. */
function setForFleet(target: Breaker | Named, act: FleetAct): Promise<number> {
  if (isBreaker(target)) return carryOut(target, act).then(() => 1);
  const operation = operationOf(target);
  if (operation === undefined || target.registry.fleet === undefined) {
    refuse(`${act.kind} of ${target.name}`, 'goes with an operation that processes share: register it, and call shareBreakers(registry, store) first', target.name);
  }
  return carryOutOnAll(operation, act);
}

async function carryOutOnAll({ name, breakers: group }: Operation, act: FleetAct): Promise<number> {
  const breakers = [...group];
  if (breakers.length === 0) {
    refuse(`${act.kind} of ${name}`, 'reaches the breakers of keys that this process has, and it has none yet; `breaker-box fleet open --key` reaches any', name);
  }
  await Promise.all(breakers.map((breaker) => carryOut(breaker, act)));
  return breakers.length;
}

function refuse(subject: string, message: string, operation: string): never {
  throw new ConfigurationError(subject, [{ path: 'fleet', message, received: true }], operation);
}

function operationOf({ registry, name }: Named): Operation | undefined {
  return registry.table.get(name);
}

function sizeOf({ breakers }: Operation): number {
  return [...breakers].length;
}
