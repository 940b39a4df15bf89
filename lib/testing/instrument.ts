import type { AnyFunction } from '../core/call';
import type { PipelineHook } from '../core/hooks';
import type { Driver, LayerContext, Run } from '../core/policy';
import { Rejection, type Mode } from '../core/run';
import { OpenStream, whenOver } from '../core/stream';
import { settled, type Settled } from '../core/sync';
import { injecting } from '../chaos/chaos';
import { struck, type Fault } from './fault';
import { areCurrent, runsOf } from './records';
import type { Scope } from './scope';

/**
 * The layers that the kit adds to pipelines.
 *
 * @param scope - Finds the scope of a call.
 * @param onMeet - Called with the registry of each pipeline.
 */
export function instrumentFor(scope: () => Scope, onMeet: (registry: LayerContext['registry']) => void) {
  return (context: LayerContext, mode: Mode): PipelineHook => {
    onMeet(context.registry);
    const counted = countRuns(context, mode, scope);
    let fn: Run;
    return {
      innermost: (next, inside) => (fn = counted(next, inside)),
      // While policies are disabled, calls go straight to the function.
      outermost: (next) => ({ run: (call, self, args) => (scope().isDisabled ? fn : next).run(call, self, args) }),
    };
  };
}

/** Counts the runs of the function, and does to them what a test asks for. */
function countRuns(context: LayerContext, mode: Mode, scope: () => Scope): Driver {
  const { operation, registry } = context;
  const runs = runsOf(registry, operation);
  return (next) => ({
    run(call, self, args) {
      // None for a call that is left over from a test before: it would use up what this one asks for.
      const fault = areCurrent(runs, registry, operation) ? scope().faults.get(operation) : undefined;
      runs.begin();
      const end = (): void => {
        runs.end();
      };
      return (fault === undefined ? next : faulty(fault, next, context, mode)).run(call, self, args).then(
        (value) => {
          if (OpenStream.is(value)) whenOver(value, end);
          else end();
          return value;
        },
        (error: unknown) => {
          end();
          return new Rejection(error);
        },
      );
    },
  });
}

/** The function under a fault, which cannot hold up a synchronous one. */
function faulty(fault: Fault, next: Run, context: LayerContext, mode: Mode): Run {
  if (mode.isSync !== true) return injecting(fault.chaos, fault.injector, context)(next, []);
  return {
    run(call, self, args) {
      const fn: AnyFunction = (...given) => (next.run(call, self, given) as unknown as Settled).result();
      return settled(() => struck(fn, fault).apply(self, args as unknown[])) as unknown as Promise<unknown>;
    },
  };
}
