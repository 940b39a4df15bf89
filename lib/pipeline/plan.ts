import { ambientCancellation, Call, nextCallId, type AnyFunction } from '../core/call';
import { CancellationSource } from '../core/cancellation';
import type { Args, Runner } from '../core/runner';
import { guardSync } from '../policies/circuit-breaker/guard';
import { ProtectedStream } from '../core/stream';
import { ambientRegistry } from '../registry/ambient-registry';
import { registry as defaultRegistry } from '../registry/default-registry';
import type { Lease, Operation } from '../registry/operation';
import type { BreakerRegistry } from '../registry/registry';
import type { AppliedPolicy } from './applied-policy';
import { compile } from './compile';
import { observeCall } from './observe';
import type { OperationSite } from './operation-site';

/** A pipeline bound to an operation of one registry. */
interface Bound {
  readonly registry: BreakerRegistry;
  readonly operation: Operation;
  /** Ends when the operation changes its breakers or leaves the registry. */
  readonly lease: Lease;
  readonly runner: Runner;
  /** The call of all calls that need nothing of their own. */
  readonly call: Call;
}

/** How one wrapper runs its calls: its policies, outermost first, around its function. */
export class Plan {
  #bound: Bound | undefined;

  constructor(
    public site: OperationSite,
    readonly policies: readonly AppliedPolicy[],
    readonly fn: AnyFunction,
    readonly isStream: boolean,
  ) {}

  /** Runs a call. */
  run(self: unknown, args: Args): Promise<unknown> {
    const registry = this.site.registry ?? ambientRegistry() ?? defaultRegistry;
    let bound = this.#bound;
    if (bound === undefined || bound.registry !== registry || !bound.lease.valid) {
      try {
        bound = this.#bind(registry, self);
      } catch (error) {
        return Promise.reject(error as Error);
      }
    }
    const { runner } = bound;
    const cancellation = ambientCancellation();
    if (registry.events.hot) {
      return observeCall(bound.operation, registry, cancellation, (call) => runner.run(call, self, args));
    }
    return runner.run(cancellation === undefined ? bound.call : new Call(bound.operation.name, undefined, cancellation), self, args);
  }

  /** Begins a call of a function that gives a stream. */
  stream(self: unknown, args: Args): ProtectedStream {
    const closing = new CancellationSource(ambientCancellation());
    return new ProtectedStream((cancellation) => {
      const registry = this.site.registry ?? ambientRegistry() ?? defaultRegistry;
      const { operation, runner } = this.#bind(registry, self);
      return registry.events.hot
        ? observeCall(operation, registry, cancellation, (call) => runner.run(call, self, args))
        : runner.run(new Call(operation.name, undefined, cancellation), self, args);
    }, closing);
  }

  /** Runs a call of a synchronous function, through its breaker alone. */
  runSync(self: unknown, args: Args): unknown {
    const registry = this.site.registry ?? ambientRegistry() ?? defaultRegistry;
    const { operation } = this.#bind(registry, self);
    const call = new Call(operation.name, registry.events.hot ? nextCallId() : undefined, ambientCancellation());
    return guardSync(operation.breakers.machineFor(self, args), this.fn, call, self, args);
  }

  /** The operation in the registry that a call would use now; undefined while its name is not known. */
  operation(): Operation | undefined {
    return this.site.enter(this.site.registry ?? ambientRegistry() ?? defaultRegistry);
  }

  #bind(registry: BreakerRegistry, self: unknown): Bound {
    const known = this.#bound;
    if (known !== undefined && known.registry === registry && known.lease.valid) return known;
    this.site.meet(self);
    const operation = this.site.enter(registry);
    if (operation === undefined) throw new Error('A site has no name after its first call');
    const recipe = { fn: this.fn, isStream: this.isStream, policies: this.policies, breaker: this.site.breakerIn(this) };
    const runner = compile(recipe, operation, registry);
    return (this.#bound = { registry, operation, lease: operation.lease, runner, call: new Call(operation.name, undefined, undefined) });
  }
}
