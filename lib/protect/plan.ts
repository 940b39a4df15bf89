import { ambient, ambientCall, Call, type AnyFunction } from '../core/call';
import { circumstances } from '../core/circumstances';
import type { Args, Runner } from '../core/runner';
import { ProtectedStream } from '../core/stream-reader';
import { nameOf } from '../core/thrown';
import { ambientRegistry, mayBeAmbient } from '../registry/ambient-registry';
import { registry as defaultRegistry } from '../registry/default-registry';
import type { Lease, Operation } from '../registry/operation';
import type { BreakerRegistry } from '../registry/registry';
import type { AppliedPolicy } from './applied-policy';
import { compile } from './compile';
import { observeCall } from './observe';
import type { OperationSite, SitePlan } from './operation-site';
import { ShortCut } from './short-cut';

/** A pipeline bound to an operation of one registry. */
interface Bound {
  readonly registry: BreakerRegistry;
  readonly operation: Operation;
  /** Ends when the operation changes its breakers or leaves the registry. */
  readonly lease: Lease;
  readonly runner: Runner;
  /** The call of all calls that need nothing of their own. */
  readonly call: Call;
  readonly shortCut: ShortCut | undefined;
}

/** Before any of the {@link circumstances}. */
const NEVER = -1;

/** How one wrapper runs its calls: its policies, outermost first, around its function. */
export class Plan implements SitePlan {
  #bound: Bound | undefined;
  /** The way that {@link shortCut} found, and when. */
  #shortCut: ShortCut | undefined;
  #shortCutAsOf = NEVER;

  constructor(
    readonly site: OperationSite,
    readonly policies: readonly AppliedPolicy[],
    readonly fn: AnyFunction,
    readonly isStream: boolean,
  ) {}

  /** Runs a call. What goes wrong rejects it, a clock of the user's that throws too. */
  run(self: unknown, args: Args): Promise<unknown> {
    try {
      const registry = this.registry;
      const bound = this.bind(registry, self);
      const { runner } = bound;
      const call = bound.call.within(ambientCall());
      if (registry.events.hot) return observeCall(bound.operation, registry, call, (watched) => runner.run(watched, self, args));
      return runner.run(call, self, args);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * The way that spares a call the layers, where its pipeline has one, and while nobody watches and nothing around the call has a say in it: no
   * other call, and, without a storage, no ambient registry.
   */
  shortCut(): ShortCut | undefined {
    if (ambient.call?.handsDown === true) return undefined;
    return this.#shortCutAsOf === circumstances.changes ? this.#shortCut : this.#findShortCut();
  }

  #findShortCut(): ShortCut | undefined {
    const bound = this.#bound;
    const isOpen =
      bound?.lease.valid === true &&
      !bound.registry.events.hot &&
      ambient.storage === undefined &&
      !mayBeAmbient() &&
      bound.registry === (this.site.registry ?? defaultRegistry);
    this.#shortCutAsOf = circumstances.changes;
    return (this.#shortCut = isOpen ? bound.shortCut : undefined);
  }

  /** Begins a call of a function that gives a stream. */
  stream(self: unknown, args: Args): ProtectedStream {
    // That of the call: the stream may be read elsewhere.
    const registry = this.registry;
    const outer = ambientCall();
    return new ProtectedStream((cancellation) => {
      const { operation, runner, call: plain } = this.bind(registry, self);
      const call = plain.within(outer).as(1, cancellation);
      return registry.events.hot
        ? observeCall(operation, registry, call, (watched) => runner.run(watched, self, args))
        : runner.run(call, self, args);
    }, outer?.cancellation);
  }

  /** The operation in the registry that a call would use now; undefined while its name is not known. */
  operation(): Operation | undefined {
    return this.site.enter(this.registry);
  }

  /** The operation's name, or what is known of it by now. */
  get name(): string {
    return this.operation()?.name ?? this.site.baseName ?? nameOf(this.fn);
  }

  /** The registry that a call uses now. */
  get registry(): BreakerRegistry {
    return this.site.registry ?? ambientRegistry() ?? defaultRegistry;
  }

  /** Its pipeline in a registry, compiled when it is not there. */
  bind(registry: BreakerRegistry, self: unknown): Bound {
    const known = this.#bound;
    if (known !== undefined && known.registry === registry && known.lease.valid) return known;
    this.site.meet(self);
    const operation = this.site.enter(registry);
    if (operation === undefined) throw new Error('A site has no name after its first call');
    const recipe = { fn: this.fn, isStream: this.isStream, policies: this.policies, breaker: this.site.breakerIn(this) };
    const runner = compile(recipe, operation, registry);
    const { lease, name } = operation;
    const call = new Call(name, undefined, undefined);
    this.#shortCutAsOf = NEVER;
    return (this.#bound = { registry, operation, lease, runner, call, shortCut: ShortCut.through(runner, call) });
  }
}
