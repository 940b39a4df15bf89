import { ageClockOf, replaceSystemAge } from '../core/age-clock';
import { replaceSystemClock, systemClock, type Clock } from '../core/clock';
import { watchPauses, type Pause } from '../core/pause';
import { replaceSystemRandom } from '../core/random';
import { hideRealTime } from '../core/real-time';
import { instruments } from '../pipeline/instrument';
import { machineOf } from '../policies/circuit-breaker/breaker';
import { Machine } from '../policies/circuit-breaker/machine';
import { witness } from '../policies/circuit-breaker/witness';
import { registry as defaultRegistry } from '../registry/default-registry';
import { BreakerRegistry } from '../registry/registry';
import { registryWitness } from '../registry/witness';
import { instrumentFor } from './instrument';
import { Scope, scopeOfRun } from './scope';
import { settled } from './settled';
import { logTransition } from './transition-log';
import { WeakCollection } from './weak-collection';

/*
 * This module takes the library over for the tests of a process, as soon as it is imported: the system's clock and chance, the
 * waits of retries, what pipelines are made of, and the breakers that are made. Outside of runs of a kit all of it works as it did.
 */

/** Registries and breakers that belong to no run: each test starts them afresh. */
export const outside = { registries: new WeakCollection<BreakerRegistry>([defaultRegistry]), machines: new WeakCollection<Machine>() };

/** Registries that were made in a run, and are left alone: another test may be beginning beside it. */
const ofRuns = new WeakSet<object>();

let beneath: Clock = systemClock;
replaceSystemClock((system) => {
  beneath = system;
  return {
    now: () => currentScope().clock.now(),
    wallTime: () => currentScope().clock.wallTime(),
    setTimeout: (fn, delayMs) => currentScope().clock.setTimeout(fn, delayMs),
    clearTimeout: (handle) => {
      currentScope().clock.clearTimeout(handle);
    },
  };
});
replaceSystemAge(() => ageClockOf(currentScope().clock));
hideRealTime();
replaceSystemRandom((system) => () => (scopeOfRun()?.random ?? system)());

/** What holds outside of all runs: there time passes by itself. */
export const processScope = new Scope(beneath);

/** The scope that a call, or a test, is in. */
export function currentScope(): Scope {
  return scopeOfRun() ?? processScope;
}

registryWitness.made = (registry) => {
  if (scopeOfRun() === undefined) noteOutside(registry);
  else ofRuns.add(registry);
};
// Some were made before this module was loaded.
instruments.current = instrumentFor(currentScope, (registry) => {
  if (!ofRuns.has(registry)) noteOutside(registry);
});
// What was there before knows nothing of it.
for (const operation of defaultRegistry.table) {
  operation.expire();
  for (const breaker of operation.breakers) outside.machines.add(machineOf(breaker));
}

function noteOutside(registry: object): void {
  if (registry instanceof BreakerRegistry) outside.registries.add(registry);
}

witness.current = {
  made(circuit) {
    if (scopeOfRun() === undefined && circuit instanceof Machine) outside.machines.add(circuit);
  },
  entered(circuit, transition) {
    logTransition(circuit, { ...transition, atMs: circuit.now() });
  },
};

/** Passed-over waits after which a turn of the event loop is let through: a call that is retried for ever must not stop a test's own timeout. */
const IN_A_ROW = 100;

/** Which test saw what waits first, outside of runs. */
const testOf = new WeakMap<object, number>();
let test = 0;

/** Another test begins: what waits from one before is no business of this one. */
export function nextTest(): void {
  test++;
}

watchPauses((pause) => {
  const scope = currentScope();
  if (scope === processScope && isLeftOver(pause)) return undefined;
  scope.noteWait(pause.operation, pause.delayMs);
  if (!scope.isInstant || !isOurs(pause.clock, scope)) return undefined;
  scope.clock.skip(pause.delayMs);
  return ++scope.passedOver % IN_A_ROW === 0 ? settled() : Promise.resolve();
});

function isLeftOver({ owner }: Pause): boolean {
  if (!testOf.has(owner)) testOf.set(owner, test);
  return testOf.get(owner) !== test;
}

/** A clock that somebody injected is theirs to move. */
function isOurs(clock: Clock, scope: Scope): boolean {
  return clock === systemClock || clock === scope.clock;
}
