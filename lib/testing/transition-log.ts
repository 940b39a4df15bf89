import { shared } from '../core/shared';
import type { BreakerState } from '../breaker/events';
import type { Entered } from '../breaker/witness';

/** A change of state, and when it was by the breaker's clock. */
export interface LoggedTransition extends Entered {
  readonly atMs: number;
}

const logs = shared('test-kit.transitions', () => new WeakMap<object, LoggedTransition[]>());

/** Notes a change of state of a breaker's machine. */
export function logTransition(machine: object, transition: LoggedTransition): void {
  const log = logs.get(machine) ?? [];
  log.push(transition);
  logs.set(machine, log);
}

/** The changes of state of a breaker's machine since the test began. */
export function transitionsOf(machine: object): readonly LoggedTransition[] {
  return logs.get(machine) ?? [];
}

export function statesEntered(machine: object): BreakerState[] {
  return transitionsOf(machine).map(({ to }) => to);
}

export function forgetTransitions(machine: object): void {
  logs.delete(machine);
}
