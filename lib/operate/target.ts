import { ConfigurationError } from '../core/errors';
import { isRegistry } from '../core/options';
import type { Breaker } from '../breaker/breaker';
import { isBreaker } from '../breaker/observer';
import { isCounter, refuseCounter } from '../registry/counter';
import { ambientRegistry } from '../registry/ambient-registry';
import { registry as defaultRegistry } from '../registry/default-registry';
import type { BreakerRegistry } from '../registry/registry';

/** An operation by its name, in a registry that may not have it yet. */
export interface Named {
  readonly registry: BreakerRegistry;
  readonly name: string;
}

/** A registry or not at the head of a function's arguments, and the others. */
export function splitRegistry(args: readonly unknown[]): { registry: BreakerRegistry; rest: readonly unknown[] } {
  const [first, ...others] = args;
  if (isRegistry(first)) return { registry: first as BreakerRegistry, rest: others };
  return { registry: ambientRegistry() ?? defaultRegistry, rest: args };
}

/**
 * Reads the arguments of an operator's function: a breaker, or a name in the given or the present registry; and its options.
 *
 * @throws {@link ConfigurationError} when it is neither.
 */
export function targetOf(call: string, args: readonly unknown[]): { target: Breaker | Named; options: unknown } {
  const [first] = args;
  if (isBreaker(first)) return { target: first, options: args[1] };
  if (isCounter(first)) refuseCounter(call, first.name);
  const { registry, rest } = splitRegistry(args);
  const [name, options] = rest;
  if (typeof name === 'string') return { target: { registry, name }, options };
  const path = rest.length < args.length ? 'name' : 'target';
  const message = path === 'name' ? 'must be the name of an operation' : 'must be a breaker, or the name of an operation';
  throw new ConfigurationError(call, [{ path, message, received: name }]);
}
