import type { AnyFunction, Call } from '../core/call';
import type { LayerContext } from '../core/policy';
import { reactedTo, type Args, type OnFailure, type OnSuccess, type Runner } from '../core/runner';
import { OpenStream } from '../core/stream';
import type { Instrument } from '../protect/instrument';
import { injecting } from '../chaos/chaos';
import { struck, type Fault } from './fault';
import { areCurrent, runsOf, type Runs } from './runs';
import type { Scope } from './scope';

/** Around the function: counts its runs, and does to them what a test asks for. */
class TestedFunction implements Runner {
  readonly #next: Runner;
  readonly #context: LayerContext;
  readonly #runs: Runs;
  readonly #scope: () => Scope;

  constructor(next: Runner, context: LayerContext, scope: () => Scope) {
    this.#next = next;
    this.#context = context;
    this.#runs = runsOf(context.registry, context.operation);
    this.#scope = scope;
  }

  run(call: Call, self: unknown, args: Args, onSuccess?: OnSuccess, onFailure?: OnFailure): Promise<unknown> {
    const runs = this.#runs;
    const fault = this.#fault();
    runs.begin();
    const succeeded = (value: unknown): unknown => {
      if (OpenStream.is(value)) value.whenOver(() => { runs.end(); });
      else runs.end();
      return onSuccess === undefined ? value : onSuccess(value);
    };
    const failed = (error: unknown): unknown => {
      runs.end();
      if (onFailure === undefined) throw error;
      return onFailure(error);
    };
    if (fault === undefined) return this.#next.run(call, self, args, succeeded, failed);
    return reactedTo(injecting(fault.chaos, fault.injector, this.#context)(this.#next, []).run(call, self, args), succeeded, failed);
  }

  blockedForMs(self: unknown, args: Args): number {
    return this.#next.blockedForMs(self, args);
  }

  /** None for a call that is left over from a test before: it would use up what this one asks for. */
  #fault(): Fault | undefined {
    const { operation, registry } = this.#context;
    return areCurrent(this.#runs, registry, operation) ? this.#scope().faults.get(operation) : undefined;
  }
}

/** Around the whole: goes to the function at once while all policies are to pass through. */
class TestedPipeline implements Runner {
  constructor(
    private readonly pipeline: Runner,
    private readonly innermost: Runner,
    private readonly scope: () => Scope,
  ) {}

  run(call: Call, self: unknown, args: Args, onSuccess?: OnSuccess, onFailure?: OnFailure): Promise<unknown> {
    return this.#chosen.run(call, self, args, onSuccess, onFailure);
  }

  blockedForMs(self: unknown, args: Args): number {
    return this.#chosen.blockedForMs(self, args);
  }

  get #chosen(): Runner {
    return this.scope().isDisabled ? this.innermost : this.pipeline;
  }
}

/**
 * What the kit puts into pipelines.
 *
 * @param scope - Finds the scope of a call.
 * @param onMeet - Told the registry of each pipeline.
 */
export function instrumentFor(scope: () => Scope, onMeet: (registry: LayerContext['registry']) => void): Instrument {
  return {
    around(fn, context) {
      onMeet(context.registry);
      return new TestedFunction(fn, context, scope);
    },
    over: (pipeline, innermost) => new TestedPipeline(pipeline, innermost, scope),
    aroundSync(fn, { operation, registry }) {
      onMeet(registry);
      return counted(fn, runsOf(registry, operation), scope().faults.get(operation));
    },
    get passesBy() {
      return scope().isDisabled;
    },
  };
}

function counted(fn: AnyFunction, runs: Runs, fault: Fault | undefined): AnyFunction {
  const run = fault === undefined ? fn : struck(fn, fault);
  return function (this: unknown, ...args: unknown[]) {
    runs.begin();
    try {
      return run.apply(this, args);
    } finally {
      runs.end();
    }
  };
}
