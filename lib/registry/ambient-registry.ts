import { enableCallContext } from '../core/call';
import { contextStorage, type ContextStorage } from '../core/context';
import { ConfigurationError, type ConfigurationIssue } from '../core/errors';
import { hintAtNoFunction } from '../core/no-function';
import { isRegistry } from '../core/options';
import type { BreakerRegistry } from './registry';

let storage: ContextStorage<BreakerRegistry> | undefined;

/**
 * Makes `registry` the one that everything called inside `fn` uses, across awaits: isolation for a test or a tenant.
 *
 * @returns What `fn` returns. Where there is no `AsyncLocalStorage` (a browser), it holds until `fn`'s first `await` only.
 * @throws {@link ConfigurationError} when `registry` is none, or `fn` is no function.
 */
export function withRegistry<R>(registry: BreakerRegistry, fn: () => R): R {
  const issues: ConfigurationIssue[] = [];
  if (!isRegistry(registry)) issues.push({ path: 'registry', message: 'must be a BreakerRegistry', received: registry });
  if (typeof fn !== 'function') issues.push({ path: 'fn', message: `must be a function${hintAtNoFunction(fn)}`, received: fn });
  if (issues.length > 0) throw new ConfigurationError('withRegistry', issues);
  enableCallContext();
  storage ??= contextStorage<BreakerRegistry>();
  return storage.run(registry, fn);
}

/** The registry named by {@link withRegistry} around us. Free until that was ever used. */
export function ambientRegistry(): BreakerRegistry | undefined {
  return storage?.getStore();
}
