import { ambient, ambientCall, invoke, newWatch, type AnyFunction, type Call } from '../core/call';
import type { Args, AttemptObserver } from '../core/runner';
import { guardSync } from '../breaker/guard';
import type { Operation } from '../registry/operation';
import type { BreakerRegistry } from '../registry/registry';
import { instruments } from './instrument';
import { endOf, observeAttempts } from './observe';
import type { Plan } from './plan';

/** Runs a call of a synchronous function, through its breaker alone. */
export function runSync(plan: Plan, self: unknown, args: Args): unknown {
  const { registry } = plan;
  const { operation, call: plain } = plan.bind(registry, self);
  const call = plain.within(ambientCall());
  // The short way makes nothing for a call.
  if (instruments.current !== undefined || registry.events.hot) return runSeen(plan, operation, registry, call, self, args);
  return guardSync(operation.breakers.breakerFor(self, args), plan.fn, call, self, args);
}

/** The same, where somebody watches calls, or a test has put something into pipelines. */
function runSeen(plan: Plan, operation: Operation, registry: BreakerRegistry, unwatched: Call, self: unknown, args: Args): unknown {
  const instrument = instruments.current;
  const fn = instrument === undefined ? plan.fn : instrument.aroundSync(plan.fn, { operation: operation.name, registry });
  const run = (protectedFn: AnyFunction, call: Call): unknown =>
    instrument?.passesBy === true
      ? invoke(protectedFn, call, self, args)
      : guardSync(operation.breakers.breakerFor(self, args), protectedFn, call, self, args);
  if (!registry.events.hot) return run(fn, unwatched);
  return observeCall(operation, registry, unwatched, (call) => run(observed(fn, observeAttempts(operation, registry)), call));
}

/** Runs a call that somebody watches, and tells how it ended. */
function observeCall(operation: Operation, registry: BreakerRegistry, unwatched: Call, run: (call: Call) => unknown): unknown {
  const watch = newWatch();
  const { succeeded, failed } = endOf(operation, registry, watch, unwatched.cancellation);
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
    const call = ambient.call!; // `invoke` has set it
    const startedAtMs = observer.begin();
    let value: unknown;
    try {
      value = fn.apply(this, args);
    } catch (error) {
      observer.end(call, startedAtMs, { error });
      throw error;
    }
    observer.end(call, startedAtMs);
    return value;
  };
}
