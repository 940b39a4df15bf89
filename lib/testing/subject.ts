import { unknownName } from '../core/unknown-option';
import { ConfigurationError } from '../core/errors';
import { propertyOf } from '../core/safe-inspect';
import type { Breaker } from '../breaker/breaker';
import { isBreaker } from '../breaker/observer';
import { pipelineWithin } from '../protect/wrapper';
import { ambientRegistry } from '../registry/ambient-registry';
import { createOperation } from '../registry/breaker-of';
import { registry as defaultRegistry } from '../registry/default-registry';
import type { Operation } from '../registry/operation';
import type { BreakerRegistry } from '../registry/registry';
import { withThoseAround } from './registry-state';
import type { Counter } from '../registry/counter';

// Any function will do, for a protected one has the type of what it protects.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type AnyFunction = (...args: any[]) => unknown;

/** The subject of a test: a protected function or method, a breaker, or the name of an operation. */
export type TestSubject = string | AnyFunction | Breaker | Counter;

/** Its name, its breakers and its operation. */
export interface Subject {
  readonly name: string;
  readonly breakers: readonly Breaker[];
  /** Its operation, and where that lives; absent for a breaker by itself, or one of several. */
  readonly home: { readonly operation: Operation; readonly registry: BreakerRegistry } | undefined;
}

/**
 * @param role - As errors name it: `kit.open`, `expect(...).toBeOpen`.
 * @throws {@link ConfigurationError} when it is none of them, or no operation has the name.
 */
export function subjectOf(given: unknown, role: string): Subject {
  if (typeof given === 'string') return ofOperation(operationNamed(given, role), presentRegistry());
  if (isBreaker(given)) return ofBreaker(given);
  const pipeline = pipelineWithin(given);
  const operation = pipeline?.operation;
  if (pipeline !== undefined && operation !== undefined) return ofOperation(operation, pipeline.registry);
  // A function that another copy of the package protects, as after a runner's `resetModules`, is known by its name.
  const name = typeof given === 'function' ? propertyOf(given, 'operation') : undefined;
  if (typeof name === 'string') return ofOperation(operationNamed(name, role), presentRegistry());
  const message = 'must be a protected function, a breaker, or the name of an operation';
  throw new ConfigurationError(role, [{ path: '', message, received: given }]);
}

/** The name of a subject; of an operation also before it is registered. @throws {@link ConfigurationError} */
export function nameOf(given: unknown, role: string): string {
  return typeof given === 'string' ? given : subjectOf(given, role).name;
}

/** The only breaker of a subject. @throws {@link ConfigurationError} when there is one per key or instance. */
export function breakerOf({ name, breakers, home }: Subject, role: string): Breaker {
  const [breaker] = breakers;
  if (breaker !== undefined && (home === undefined || home.operation.single === breaker)) return breaker;
  const message = `${name} has one breaker per key or instance: give one of them, such as fn.breakers.get(key)`;
  throw new ConfigurationError(role, [{ path: '', message, received: name }], name);
}

/** The registry that calls use here. */
export function presentRegistry(): BreakerRegistry {
  return ambientRegistry() ?? defaultRegistry;
}

function ofOperation(operation: Operation, registry: BreakerRegistry): Subject {
  return { name: operation.name, breakers: operation.all as Breaker[], home: { operation, registry } };
}

function ofBreaker(breaker: Breaker): Subject {
  const registry = presentRegistry();
  const operation = registry.table.get(breaker.name);
  return operation?.single === breaker ? ofOperation(operation, registry) : { name: breaker.name, breakers: [breaker], home: undefined };
}

/** In a run of the kit, operations that were protected outside of it register with their first call: until then they are known by name. */
function operationNamed(name: string, role: string): Operation {
  const registry = presentRegistry();
  const registries = withThoseAround(registry);
  const known = registries.map(({ table }) => table.get(name)).find((operation) => operation !== undefined);
  if (known !== undefined) return registry.table.get(name) ?? createOperation(registry, name, known.options);
  const names = [...new Set(registries.flatMap((one) => one.names()))];
  const message = names.length === 0 ? 'no operation is registered' : `no operation has this name; ${unknownName(name, names, 'operations')}`;
  throw new ConfigurationError(role, [{ path: '', message, received: name }], name);
}
