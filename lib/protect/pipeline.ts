import { ambient, ambientCall, Call, type AnyFunction, type Args } from '../core/call';
import { underSignals, unlessAborted } from '../core/call-signals';
import { hooks } from '../core/hooks';
import type { CommonOptions } from '../core/options';
import type { Driver, Guard, LayerContext, Run } from '../core/policy';
import { admitAll, PASS } from '../core/pass';
import { compose, type Mode } from '../core/run';
import { protectedStream, type ProtectedStream } from '../core/protected-stream';
import { streams } from '../core/stream';
import { nameOf } from '../core/safe-inspect';
import { version } from '../core/shared';
import { ambientRegistry, mayBeAmbient } from '../registry/ambient-registry';
import { registry as defaultRegistry } from '../registry/default-registry';
import type { Operation } from '../registry/operation';
import type { BreakerRegistry } from '../registry/registry';
import type { Site } from '../registry/site';
import { isBreaker, type AppliedPolicy } from './policy';
import { attemptEvents, callEvents } from './call-events';

type Layer = Guard | Driver | undefined;

/** A pipeline in one registry: its operation there, its policies with their state, and the composed run. */
interface Binding {
  readonly registry: BreakerRegistry;
  readonly operation: Operation;
  /**
   * Outermost first; undefined at the breaker's place. Last, what policies brought for the innermost place. They have state, which a change of
   * observers or options must not lose: only the fold is repeated.
   */
  readonly bound: readonly Layer[];
  /** The call of all calls that need nothing of their own. */
  readonly call: Call;
  run: Run | undefined;
  composedAt: number;
  /** The version at which calls need not look around them; `NEVER`: they always do. */
  plainAt: number;
}

const NEVER = -1;

/** The function of a wrapper, with its policies around it, outermost first. */
export class Pipeline {
  /** The binding in the registry that was used last. Each registry keeps its own among its states. */
  #binding: Binding | undefined = undefined;

  constructor(
    readonly site: Site,
    readonly policies: readonly AppliedPolicy[],
    readonly fn: AnyFunction,
    readonly mode: Mode,
  ) {}

  get isStream(): boolean {
    return this.mode === streams;
  }

  /** Runs a call. What goes wrong refuses it, a clock of the user's that throws too. */
  call(self: unknown, args: Args): unknown {
    try {
      const binding = this.#binding;
      const isPlain = binding !== undefined && binding.plainAt === version.current && ambient.call?.handsDown !== true;
      return isPlain ? binding.run!.run(binding.call, self, args) : this.#callIn(this.registry, ambientCall(), self, args);
    } catch (error) {
      return this.mode.refuse(error);
    }
  }

  /** Begins a call of a function that gives a stream. */
  stream(self: unknown, args: Args): ProtectedStream {
    // Those of the call: the stream may be read elsewhere.
    const { registry } = this;
    const outer = ambientCall();
    return protectedStream((cancellation) => this.#callIn(registry, outer, self, args, cancellation), outer?.cancellation);
  }

  /** A call that may be inside another one. @param cancellation - What ends it, where that is not what ends the call around it. */
  #callIn(registry: BreakerRegistry, outer: Call | undefined, self: unknown, args: Args, cancellation?: Call['cancellation']): Promise<unknown> {
    const { run, call } = this.#bindingIn(registry, self);
    const within = call.within(outer);
    const inner = cancellation === undefined ? within : within.as(1, cancellation);
    // Of a call that is over before it begins, nobody wants an answer.
    if (inner.cancellation?.aborted === true) return this.mode.refuse(inner.cancellation.reason) as Promise<unknown>;
    return run!.run(inner, self, args);
  }

  /** The operation in the registry that a call would use now; undefined while its name is not known. */
  get operation(): Operation | undefined {
    return this.site.register(this.registry);
  }

  /** The operation's name, or what is known of it by now. */
  get name(): string {
    return this.operation?.name ?? this.site.baseName ?? nameOf(this.fn);
  }

  /** The registry that a call uses now. */
  get registry(): BreakerRegistry {
    return this.site.registry ?? ambientRegistry() ?? defaultRegistry;
  }

  #bindingIn(registry: BreakerRegistry, self: unknown): Binding {
    const { states } = registry;
    let binding = states.get(this) as Binding | undefined;
    if (binding?.composedAt !== version.current) {
      binding = this.#compose(this.#bind(binding, registry, self));
      states.set(this, binding);
    }
    return (this.#binding = binding);
  }

  /** Binds the policies to the operation, unless they are. */
  #bind(known: Binding | undefined, registry: BreakerRegistry, self: unknown): Binding {
    const { site, policies } = this;
    site.meet(self);
    const operation = site.register(registry)!; // after the first call the name is known
    if (known?.operation === operation) return known;
    const { states } = registry;
    let context = this.#context(operation, registry);
    const bound = policies.map((policy) => {
      const layer = (states.get(policy) as Layer) ?? policy.kind.bind?.(policy.options, context);
      if (layer !== undefined) {
        states.set(policy, layer);
        policy.kind.show?.(layer, operation);
      }
      if (typeof layer === 'function' && layer.allowance !== undefined) context = { ...context, allowance: layer.allowance };
      return layer;
    });
    operation.allowance = context.allowance ?? operation.allowance;
    for (const { kind, options } of policies) {
      const brought = kind.innermost?.(options);
      if (brought !== undefined) bound.push(brought.kind.bind?.(brought.options, context));
    }
    return { registry, operation, bound, call: new Call(operation.name), run: undefined, composedAt: NEVER, plainAt: NEVER };
  }

  #compose(binding: Binding): Binding {
    const { registry, operation } = binding;
    const { name } = operation;
    const { events } = registry;
    const { current } = version;
    const hook = hooks.pipeline?.(this.#context(operation, registry), this.mode);
    const signals = this.policies.flatMap(({ given }) => (given as CommonOptions).signal ?? []);
    const hasSignals = signals.length > 0;
    const stack = [
      hasSignals && underSignals([...new Set(signals)]),
      events.hot && callEvents(name, registry),
      hasSignals && unlessAborted,
      hook?.outermost,
      ...this.#withBreaker(binding),
      hook?.innermost,
      events.has('attempt') && attemptEvents(name, registry),
    ];
    binding.run = compose(this.mode, stack.flatMap((layer) => layer || []), this.mode.call(this.fn));
    binding.composedAt = current;
    // Where calls or registries are ambient, each call has to look.
    binding.plainAt = ambient.storage !== undefined || mayBeAmbient() ? NEVER : current;
    return binding;
  }

  /** The policies with the operation's breaker. One that nobody put anywhere counts attempts: inside of all that runs them again, or stands in for them. */
  #withBreaker({ operation: { group: guard }, bound }: Binding): Layer[] {
    const { policies, site } = this;
    const at = policies.findIndex(isBreaker);
    if (at >= 0) return bound.map((layer, index) => (index === at ? guard : layer));
    const inside = policies.map(({ kind }) => kind.outsideBreaker).lastIndexOf(true) + 1;
    // Where the breaker counts in another wrapper, the policies outside of it know all the same whether it would admit them.
    const counting = site.stack?.countsElsewhere(this) === true ? admitAll(() => PASS, (self, args) => guard.blockedMs?.(self, args) ?? 0) : guard;
    return [...bound.slice(0, inside), counting, ...bound.slice(inside)];
  }

  #context(operation: Operation, registry: BreakerRegistry): LayerContext {
    const { clock, random } = registry.injected;
    return { operation: operation.name, registry, clock, random, isStream: this.isStream, isSync: this.mode.isSync, allowance: undefined, sink: registry.events };
  }
}
