import { resolve } from '../core/check';
import { ConfigurationError, OperationConflictError } from '../core/errors';
import { copyOptions, isRegistry } from '../core/options';
import type { Breaker } from '../breaker/breaker';
import { singleSchema, type BreakerOptions } from '../breaker/options';
import { ambientRegistry } from './ambient-registry';
import { bringBreakers } from './breakers';
import { registry as defaultRegistry } from './default-registry';
import { Operation } from './operation';
import { placeOf, type Place } from './place';
import type { BreakerRegistry } from './registry';

/**
 * The breaker of a name, made when there is none. The first site of that name adopts it.
 *
 * @param options - Where there is a breaker, they must agree with its own.
 * @param registry - Where to look. By default, that of the options, of `withRegistry`, or the default one.
 * @throws {@link ConfigurationError} when the name or an option is wrong.
 * @throws {@link OperationConflictError} when `options` disagree with those of the breaker that is there, or when the operation has no single breaker.
 */
export function breakerOf(name: string, options?: BreakerOptions, registry: BreakerRegistry = registryFor(options)): Breaker {
  check(name, options, registry);
  bringBreakers();
  const operation = obtain(registry, name, options && copyOptions(options));
  if (operation.settings === undefined) operation.adopt(undefined);
  if (operation.breaker === undefined) throw new OperationConflictError(name, 'it has one breaker per key or instance');
  return operation.breaker;
}

/** @throws {@link OperationConflictError} */
function obtain(registry: BreakerRegistry, name: string, options: BreakerOptions | undefined): Operation {
  const known = registry.table.get(name);
  if (known === undefined) return createOperation(registry, name, options ?? {}, placeOf(breakerOf));
  // It may be asked for in every call: a place costs more than all the rest.
  if (options !== undefined && !agrees(known, options)) known.shareOrRenew(options, placeOf(breakerOf));
  return known;
}

/** Makes an operation that belongs to no site. */
export function createOperation(registry: BreakerRegistry, name: string, options: BreakerOptions | undefined, place?: Place): Operation {
  const operation = new Operation(name, registry, options);
  if (place !== undefined) operation.places?.note(place, true);
  registry.table.add(operation);
  return operation;
}

/** Whether options say what is in force already, wherever they are given: there is nothing to decide. */
function agrees(operation: Operation, options: BreakerOptions): boolean {
  return operation.options !== undefined && operation.places?.areOptionsOld !== true && operation.differences(options).length === 0;
}

function registryFor(options: BreakerOptions | undefined): BreakerRegistry {
  return (options?.registry as BreakerRegistry | undefined) ?? ambientRegistry() ?? defaultRegistry;
}

function check(name: unknown, options: BreakerOptions | undefined, registry: unknown): void {
  if (typeof name !== 'string') throw new ConfigurationError('breakerOf', [{ path: 'name', message: __DEV__ ? 'must be a string' : 'invalid', received: name }]);
  const subject = `breakerOf('${name}')`;
  if (!isRegistry(registry)) throw new ConfigurationError(subject, [{ path: 'registry', message: __DEV__ ? 'must be a BreakerRegistry' : 'invalid', received: registry }], name);
  if (options !== undefined) resolve(singleSchema, options, subject);
}
