import { ambient, ambientCall, newWatch, type AnyFunction, type Call } from '../core/call';
import type { Args, AttemptObserver } from '../core/runner';
import { guardSync } from '../policies/circuit-breaker/guard';
import type { Operation } from '../registry/operation';
import type { BreakerRegistry } from '../registry/registry';
import { endOf, observeAttempts } from './observe';
import type { Plan } from './plan';

/** Runs a call of a synchronous function, through its breaker alone. */
export function runSync(plan: Plan, self: unknown, args: Args): unknown {
  const { registry } = plan;
  const { operation, call: plain } = plan.bind(registry, self);
  const unwatched = plain.within(ambientCall());
  const machine = operation.breakers.machineFor(self, args);
  if (!registry.events.hot) return guardSync(machine, plan.fn, unwatched, self, args);
  const fn = observed(plan.fn, observeAttempts(operation, registry));
  return observeCall(operation, registry, unwatched, (call) => guardSync(machine, fn, call, self, args));
}

/** Runs a call that somebody watches, and tells how it ended. */
function observeCall(operation: Operation, registry: BreakerRegistry, unwatched: Call, run: (call: Call) => unknown): unknown {
  const watch = newWatch();
  const { succeeded, failed } = endOf(operation, registry, watch);
  let value: unknown;
  try {
    value = run(unwatched.watched(watch));
  } catch (error) {
    throw failed(error);
  }
  succeeded();
  return value;
}

/** A function whose runs the observer is told of, as runs of the call that is around it then. */
function observed(fn: AnyFunction, observer: AttemptObserver): AnyFunction {
  return function (this: unknown, ...args) {
    const { call } = ambient;
    const startedAtMs = observer.begin();
    let value: unknown;
    try {
      value = fn.apply(this, args);
    } catch (error) {
      if (call !== undefined) observer.end(call, startedAtMs, { error });
      throw error;
    }
    if (call !== undefined) observer.end(call, startedAtMs);
    return value;
  };
}
