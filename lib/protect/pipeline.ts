import { ambient, ambientCall, Call, type AnyFunction, type Args } from '../core/call';
import { circumstances } from '../core/circumstances';
import { hooks } from '../core/hooks';
import type { CommonOptions, SignalOption } from '../core/options';
import { Refusal, type Allowance, type Driver, type Guard, type LayerContext, type Permit, type Run, type StackedPolicy } from '../core/policy';
import { placeOf, stateOf } from '../core/policy-state';
import { Rejection } from '../core/rejection';
import { compose, type Mode } from '../core/run';
import { streams } from '../core/stream';
import { protectedStream, type ProtectedStream } from '../core/stream-reader';
import { nameOf } from '../core/thrown';
import { ambientRegistry, mayBeAmbient } from '../registry/ambient-registry';
import { registry as defaultRegistry } from '../registry/default-registry';
import type { Operation } from '../registry/operation';
import type { BreakerRegistry } from '../registry/registry';
import type { AppliedPolicy } from './policy';
import type { OperationSite } from './operation-site';
import { underSignals, unlessAborted } from './signal';
import { watchAttempts, watchCalls } from './watch';

/** A pipeline in one registry: its operation there, its policies with their state, and the composed run. */
interface Binding {
  readonly registry: BreakerRegistry;
  readonly operation: Operation;
  /** Outermost first; undefined at the breaker's place. They have state, which a change of observers or options must not lose: only the fold is repeated. */
  readonly bound: readonly (Guard | Driver | undefined)[];
  /** Policies that others brought for the innermost place. */
  readonly innermost: readonly (Guard | Driver)[];
  /** Whose state `bound` holds: see `placeOf`. */
  readonly place: object;
  /** The call of all calls that need nothing of their own. */
  readonly call: Call;
  run: Run;
  composedAt: number;
  /** The version at which calls need not look around them; `NEVER`: they always do. */
  plainAt: number;
}

const NEVER = -1;

/** What a wrapper does: its function, with its policies around it, outermost first. */
export class Pipeline {
  /** Of the registry that was used last. */
  #binding: Binding | undefined = undefined;
  /** Of all registries, once there are several. */
  #bindings: WeakMap<BreakerRegistry, Binding> | undefined = undefined;

  constructor(
    readonly site: OperationSite,
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
      const isPlain = binding !== undefined && binding.plainAt === circumstances.changes && ambient.call?.handsDown !== true;
      return isPlain ? binding.run.run(binding.call, self, args) : this.#callWithin(self, args);
    } catch (error) {
      return this.mode.refuse(error);
    }
  }

  /** A call that may be inside another one, or in another registry. */
  #callWithin(self: unknown, args: Args): unknown {
    const { run, call } = this.#bindingIn(this.registry, self);
    return run.run(call.within(ambientCall()), self, args);
  }

  /** Begins a call of a function that gives a stream. */
  stream(self: unknown, args: Args): ProtectedStream {
    // Those of the call: the stream may be read elsewhere.
    const { registry } = this;
    const outer = ambientCall();
    return protectedStream((cancellation) => {
      const { run, call } = this.#bindingIn(registry, self);
      return run.run(call.within(outer).as(1, cancellation), self, args);
    }, outer?.cancellation);
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
    let binding = this.#binding?.registry === registry ? this.#binding : this.#bindings?.get(registry);
    if (binding === undefined || binding.composedAt !== circumstances.changes) binding = this.#compose(this.#bind(binding, registry, self));
    if (this.#binding !== binding) this.#keep(binding);
    return binding;
  }

  #keep(binding: Binding): void {
    if (this.#binding !== undefined && this.#binding.registry !== binding.registry) {
      this.#bindings ??= new WeakMap([[this.#binding.registry, this.#binding]]);
    }
    this.#bindings?.set(binding.registry, binding);
    this.#binding = binding;
  }

  /** Binds the policies to the operation, unless they are. */
  #bind(known: Binding | undefined, registry: BreakerRegistry, self: unknown): Binding {
    this.site.meet(self);
    const operation = this.site.register(registry);
    if (operation === undefined) throw new Error('A site has no name after its first call');
    const place = placeOf(registry);
    if (known?.operation === operation && known.place === place) return known;
    const context = this.#context(operation, registry);
    let allowance: Allowance | undefined;
    const bound = this.policies.map((policy) => {
      const one = bindPolicy(policy, { ...context, allowance });
      if (typeof one === 'function') allowance = one.allowance ?? allowance;
      return one;
    });
    operation.allowance = allowance ?? operation.allowance;
    return {
      registry,
      operation,
      bound,
      innermost: this.policies.flatMap(({ kind, options }) => {
        const brought = kind.innermost?.(options);
        return brought?.kind.bind?.(brought.options, context) ?? [];
      }),
      place,
      call: known?.operation === operation ? known.call : new Call(operation.name, undefined, undefined),
      run: UNUSED,
      composedAt: NEVER,
      plainAt: NEVER,
    };
  }

  #compose(binding: Binding): Binding {
    const { registry, operation, innermost } = binding;
    const version = circumstances.changes;
    const { events } = registry;
    const hook = hooks.pipeline?.(this.#context(operation, registry), this.mode);
    const signals = this.#signals();
    const stack = [
      signals.length > 0 ? underSignals(signals) : undefined,
      events.hot ? watchCalls(operation, registry) : undefined,
      signals.length > 0 ? unlessAborted(this.mode) : undefined,
      hook?.outermost,
      ...this.#withBreaker(binding),
      ...innermost,
      hook?.innermost,
      events.has('attempt') ? watchAttempts(operation, registry) : undefined,
    ];
    binding.run = compose(this.mode, stack.filter((one) => one !== undefined), this.mode.call(this.fn));
    binding.composedAt = version;
    // Where calls or registries are ambient, each call has to look.
    binding.plainAt = ambient.storage !== undefined || mayBeAmbient() ? NEVER : version;
    return binding;
  }

  /** The policies with the operation's breaker. One that nobody put anywhere counts attempts: inside of all that runs them again, or stands in for them. */
  #withBreaker({ operation: { breaker, breakers }, bound }: Binding): (Guard | Driver | undefined)[] {
    const guard = breaker ?? breakers;
    const at = this.policies.findIndex(isBreaker);
    if (at >= 0) return bound.map((one, index) => (index === at ? guard : one));
    const inside = this.policies.map(({ kind }) => kind.isOutsideBreaker === true).lastIndexOf(true) + 1;
    return [...bound.slice(0, inside), this.site.breakerIn(this) === 'gate' ? gate(guard) : guard, ...bound.slice(inside)];
  }

  /** Those that its policies name, each once. */
  #signals(): SignalOption[] {
    return [...new Set(this.policies.flatMap(({ given }) => (given as CommonOptions).signal ?? []))];
  }

  #context(operation: Operation, registry: BreakerRegistry): LayerContext {
    return {
      operation: operation.name,
      registry,
      clock: registry.injected.clock,
      random: registry.injected.random,
      isStream: this.isStream,
      allowance: undefined,
      sink: registry.events,
      shown: operation,
    };
  }
}

const UNUSED: Run = { run: () => Promise.reject(new Error('not composed')) };

/** A policy with its state, which wrappers that share the policy share. */
function bindPolicy({ kind, options }: AppliedPolicy, context: LayerContext): Guard | Driver | undefined {
  return kind.bind && stateOf(options, context.registry, () => kind.bind!(options, context));
}

/** Lets all attempts pass, but knows whether the breaker, which another wrapper of the operation holds, would admit them. */
function gate(guard: Guard): Guard {
  return { admit: () => PASS, deny: () => new Refusal(undefined), blockedMs: (self, args) => guard.blockedMs?.(self, args) ?? 0 };
}

const PASS: Permit = { success: (value) => value, failure: (error) => new Rejection(error), ignore: () => undefined };

function isBreaker({ kind }: StackedPolicy): boolean {
  return kind.policy === 'breaker';
}
