import type { Breaker } from '../breaker/breaker';
import type { Transition } from '../breaker/observer';
import { ageClockOf, systemClock, type Clock } from '../core/clock';
import { hooks, type Pause } from '../core/hooks';
import { shared } from '../core/shared';
import { weakRef, type Ref } from '../core/platform';
import { registry as defaultRegistry } from '../registry/default-registry';
import type { BreakerRegistry } from '../registry/registry';
import { instrumentFor } from './instrument';
import { logTransition } from './records';
import { Scope, scopeOfRun } from './scope';
import { settled } from './settled';

/** Objects to be found again as long as somebody else holds them. */
class WeakCollection<T extends object> implements Iterable<T> {
  readonly #known = new WeakSet<T>();
  #refs: Ref<T>[];

  constructor(first: readonly T[] = []) {
    this.#refs = [];
    for (const one of first) this.add(one);
  }

  add(one: T): void {
    if (this.#known.has(one)) return;
    this.#known.add(one);
    this.#refs.push(weakRef(one));
  }

  *[Symbol.iterator](): Iterator<T> {
    this.#refs = this.#refs.filter((ref) => ref.deref() !== undefined);
    for (const ref of [...this.#refs]) {
      const one = ref.deref();
      if (one !== undefined) yield one;
    }
  }
}

/*
 * This module takes the library over for the tests of a process, as soon as it is imported: the system's clock and chance, the
 * waits of retries, what pipelines are made of, and the breakers that are made. Outside of runs of a kit all of it works as it did.
 * The first copy of the package whose kit is loaded takes all copies over; the kits of the others use what that one keeps.
 */

interface Process {
  /** Registries and breakers that belong to no run: each test starts them afresh. */
  readonly outside: { readonly registries: WeakCollection<BreakerRegistry>; readonly breakers: WeakCollection<Breaker> };
  /** The scope outside of all runs: there time passes by itself. */
  readonly processScope: Scope;
  /** Which test runs. */
  test: number;
}

const kept = shared<Process>('test-kit', takeOver);

export const { outside, processScope } = kept;

/** The scope that a call, or a test, is in. */
export function currentScope(): Scope {
  return scopeOfRun() ?? processScope;
}

/** Another test begins: what waits from one before is no business of this one. */
export function nextTest(): void {
  kept.test++;
}

function takeOver(): Process {
  const scope = takeTime();
  const registries = new WeakCollection<BreakerRegistry>([defaultRegistry]);
  const breakers = new WeakCollection<Breaker>();
  const taken: Process = { outside: { registries, breakers }, processScope: scope, test: 0 };
  /** Registries that were made in a run, and are left alone: another test may be beginning beside it. */
  const ofRuns = new WeakSet<object>();

  hooks.registryMade = (registry) => {
    if (scopeOfRun() === undefined) registries.add(registry as BreakerRegistry);
    else ofRuns.add(registry);
  };
  // Some were made before this module was loaded.
  hooks.pipeline = instrumentFor(
    () => scopeOfRun() ?? scope,
    (registry) => {
      if (!ofRuns.has(registry)) registries.add(registry as BreakerRegistry);
    },
  );
  // Pipelines that were composed before do not have the layers of the kit.
  for (const operation of defaultRegistry.table) {
    operation.expire();
    for (const breaker of operation.breakers) breakers.add(breaker);
  }
  hooks.breakerMade = (breaker) => {
    if (scopeOfRun() === undefined) breakers.add(breaker as Breaker);
  };
  hooks.transition = (breaker, transition) => {
    logTransition(breaker, { ...(transition as Transition), atMs: (breaker as Breaker).now() });
  };
  takePauses(taken);
  return taken;
}

/** Takes over the system's clock and chance. @returns What holds outside of all runs. */
function takeTime(): Scope {
  const system = { ...systemClock };
  let outer: Scope | undefined;
  const clock = (): Scope['clock'] => (scopeOfRun() ?? (outer ??= new Scope(system))).clock;
  const standIn: Required<Clock> = {
    now: () => clock().now(),
    wallTime: () => clock().wallTime(),
    setTimeout: (fn, delayMs) => clock().setTimeout(fn, delayMs),
    clearTimeout: (handle) => {
      clock().clearTimeout(handle);
    },
  };
  // The methods are exchanged: functions that were protected before go by this clock, too.
  Object.assign(systemClock, standIn);
  const age = ageClockOf(systemClock);
  age.now = () => ageClockOf(clock()).now();
  age.quickNow = () => ageClockOf(clock()).quickNow();
  hooks.ownsTime = true;
  hooks.random = () => scopeOfRun()?.random;
  return (outer ??= new Scope(system));
}

/** Passed-over waits after which a turn of the event loop is let through: a call that is retried for ever must not stop a test's own timeout. */
const IN_A_ROW = 100;

/** Takes over the waits between attempts. */
function takePauses(taken: Process): void {
  /** Which test saw what waits first, outside of runs. */
  const testOf = new WeakMap<object, number>();
  const isLeftOver = ({ owner }: Pause): boolean => {
    if (!testOf.has(owner)) testOf.set(owner, taken.test);
    return testOf.get(owner) !== taken.test;
  };
  hooks.pause = (pause) => {
    const run = scopeOfRun();
    if (run === undefined && isLeftOver(pause)) return undefined;
    const scope = run ?? taken.processScope;
    scope.noteWait(pause.operation, pause.delayMs);
    if (!scope.isInstant || !isOurs(pause.clock, scope)) return undefined;
    scope.clock.skip(pause.delayMs);
    return ++scope.passedOver % IN_A_ROW === 0 ? settled() : Promise.resolve();
  };
}

/** A clock that somebody injected is theirs to move. */
function isOurs(clock: Clock, scope: Scope): boolean {
  return clock === systemClock || clock === scope.clock;
}
