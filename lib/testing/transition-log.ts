import { shared } from '../core/shared';
import type { BreakerState } from '../breaker/events';
import type { Transition } from '../breaker/observer';

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
