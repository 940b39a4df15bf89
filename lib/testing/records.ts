import type { BreakerState } from '../breaker/events';
import type { Transition } from '../breaker/observer';
import { shared } from '../core/shared';

/** How often the function of an operation ran, and runs now, since the test began. */
export class Runs {
  started = 0;
  running = 0;

  begin(): void {
    this.started++;
    this.running++;
  }

  end(): void {
    this.running--;
  }
}

const known = shared('test-kit.counts', () => new WeakMap<object, Map<string, Runs>>());

/** The runs of an operation in a registry. Who has them goes on with them when they are forgotten, and is not counted any more. */
export function runsOf(registry: object, operation: string): Runs {
  const ofRegistry = known.get(registry) ?? new Map<string, Runs>();
  known.set(registry, ofRegistry);
  const runs = ofRegistry.get(operation) ?? new Runs();
  ofRegistry.set(operation, runs);
  return runs;
}

/** Operations that have a run now, with how many. */
export function runningIn(registry: object): [operation: string, running: number][] {
  return Array.from(known.get(registry) ?? [], ([operation, { running }]): [string, number] => [operation, running]).filter(
    ([, running]) => running > 0,
  );
}

/** Whether these are those that count: no test has begun since they were given. */
export function areCurrent(runs: Runs, registry: object, operation: string): boolean {
  return known.get(registry)?.get(operation) === runs;
}

export function forgetRuns(registry: object): void {
  known.delete(registry);
}

/** A change of state, and when it was by the breaker's clock. */
export interface LoggedTransition extends Transition {
  readonly atMs: number;
}

const logs = shared('test-kit.transitions', () => new WeakMap<object, LoggedTransition[]>());

/** Notes a change of state of a breaker. */
export function logTransition(breaker: object, transition: LoggedTransition): void {
  const log = logs.get(breaker) ?? [];
  log.push(transition);
  logs.set(breaker, log);
}

/** The changes of state of a breaker since the test began. */
export function transitionsOf(breaker: object): readonly LoggedTransition[] {
  return logs.get(breaker) ?? [];
}

export function statesEntered(breaker: object): BreakerState[] {
  return transitionsOf(breaker).map(({ to }) => to);
}

export function forgetTransitions(breaker: object): void {
  logs.delete(breaker);
}
