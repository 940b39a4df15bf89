import type { Allowance, Guard, LayerContext } from '../core/policy';
import { stateOf } from '../core/policy-state';
import { promises } from '../core/run';
import { FunctionRunner, reactedTo, type AttemptObserver, type Runner } from '../core/runner';
import { StreamFunctionRunner, streams } from '../core/stream';
import type { AnyFunction } from '../core/call';
import { BreakerRunner, GateRunner, ManyBreakersRunner, StreamBreakerRunner } from '../breaker/runner';
import type { BreakerRegistry } from '../registry/registry';
import type { Operation } from '../registry/operation';
import type { AppliedPolicy } from './applied-policy';
import { instruments } from './instrument';
import { observeAttempts } from './observe';

/** What one wrapper's pipeline is made of. */
export interface Recipe {
  readonly fn: AnyFunction;
  readonly isStream: boolean;
  /** Outermost first. */
  readonly policies: readonly AppliedPolicy[];
  /**
   * Where the operation's breaker stands when no policy puts it anywhere: `counting` each attempt, or only asked whether it
   * is open (`gate`), because another wrapper of the same operation, inside this one, holds it.
   */
  readonly breaker: 'counting' | 'gate';
}

/** Makes the layers of a pipeline, from the function outwards. */
export function compile(recipe: Recipe, operation: Operation, registry: BreakerRegistry): Runner {
  const { policies, isStream, fn } = recipe;
  const context = contextOf(operation, registry, isStream);
  const allowances = allowancesWithin(policies, context);
  operation.allowance = allowances.at(-1) ?? operation.allowance;
  const observer: AttemptObserver = observeAttempts(operation, registry);
  let runner: Runner = isStream ? new StreamFunctionRunner(fn, observer) : new FunctionRunner(fn, observer);
  const instrument = instruments.current;
  if (instrument !== undefined) runner = instrument.around(runner, context);
  const innermost = runner;
  for (const { kind, options } of policies) {
    const timeout = kind.attemptTimeout?.(options);
    if (timeout !== undefined) runner = timeout(runner, context);
  }
  // The breaker that nobody put anywhere counts attempts: it goes inside all that runs them again, or stands in for them.
  const implicitAt = policies.some(({ kind }) => kind.policy === 'breaker') ? -1 : innermostOutside(policies) + 1;
  for (let at = policies.length; at >= 0; at--) {
    if (at === implicitAt) runner = recipe.breaker === 'gate' ? new GateRunner(operation.breakers, runner) : context.guard(runner);
    const policy = policies[at - 1];
    if (policy !== undefined) runner = layered(policy, runner, { ...context, allowance: allowances[at - 1] });
  }
  return instrument === undefined ? runner : instrument.over(runner, innermost);
}

/** Until all policies are guards and drivers: a layer of either kind. */
function layered({ kind, options }: AppliedPolicy, next: Runner, context: LayerContext): Runner {
  if (kind.bind === undefined) return kind.layer!(options, next, context);
  const bound = stateOf(options, context.registry, () => kind.bind!(options, context));
  const mode = context.isStream ? streams : promises;
  const inside: Guard = { admit: unused, deny: unused, blockedMs: (self, args) => next.blockedForMs(self, args) };
  const run = typeof bound === 'function' ? mode.drive(bound, next, [inside]) : mode.guard(bound, next);
  return {
    run: (call, self, args, onSuccess, onFailure) => reactedTo(run.run(call, self, args), onSuccess, onFailure),
    blockedForMs: (self, args) => Math.max(next.blockedForMs(self, args), typeof bound === 'function' ? 0 : (bound.blockedMs?.(self, args) ?? 0)),
  };
}

function unused(): never {
  throw new Error('asked of a layer');
}

function contextOf(operation: Operation, registry: BreakerRegistry, isStream: boolean): LayerContext {
  const { breaker, breakers } = operation;
  return {
    operation: operation.name,
    registry,
    clock: registry.injected.clock,
    random: registry.injected.random,
    isStream,
    allowance: undefined,
    sink: registry.events,
    shown: operation,
    guard(next) {
      if (isStream) return new StreamBreakerRunner(breakers, next);
      return breaker === undefined ? new ManyBreakersRunner(breakers, next) : new BreakerRunner(breaker, next);
    },
  };
}

/** The innermost policy whose place is outside the breaker. */
function innermostOutside(policies: readonly AppliedPolicy[]): number {
  return policies.map(({ kind }) => kind.isOutsideBreaker === true).lastIndexOf(true);
}

/** For each policy, what the policies around it allow; and last, for the function. */
function allowancesWithin(policies: readonly AppliedPolicy[], context: LayerContext): (Allowance | undefined)[] {
  let allowance: Allowance | undefined;
  const arounds = policies.map(({ kind, options }) => {
    const around = allowance;
    allowance = kind.allowance?.(options, context) ?? around;
    return around;
  });
  return [...arounds, allowance];
}
