import { enableCallContext } from '../core/call';
import { contextStorage, type ContextStorage } from '../core/platform';
import { ConfigurationError, type ConfigurationIssue } from '../core/errors';
import { hintAtNoFunction } from '../core/safe-inspect';
import { isRegistry } from '../core/options';
import { shared, version } from '../core/shared';
import type { BreakerRegistry } from './registry';

const ambient = shared<{ storage: ContextStorage<BreakerRegistry> | undefined }>('ambient-registry', () => ({ storage: undefined }));

/**
 * Makes `registry` the one that everything called inside `fn` uses, across awaits: isolation for a test or a tenant.
 *
 * @returns What `fn` returns. Where there is no `AsyncLocalStorage` (a browser), it holds until `fn`'s first `await` only.
 * @throws {@link ConfigurationError} when `registry` is none, or `fn` is no function.
 */
export function withRegistry<R>(registry: BreakerRegistry, fn: () => R): R {
  const issues: ConfigurationIssue[] = [];
  if (!isRegistry(registry)) issues.push({ path: 'registry', message: __DEV__ ? 'must be a BreakerRegistry' : 'invalid', received: registry });
  if (typeof fn !== 'function') issues.push({ path: 'fn', message: __DEV__ ? `must be a function${hintAtNoFunction(fn)}` : 'invalid', received: fn });
  if (issues.length > 0) throw new ConfigurationError('withRegistry', issues);
  enableCallContext();
  if (ambient.storage === undefined) {
    ambient.storage = contextStorage<BreakerRegistry>();
    version.current++;
  }
  return ambient.storage.run(registry, fn);
}

/** Whether {@link withRegistry} was ever used, in any copy of the package: until then calls need not ask which registry is ambient. */
export function mayBeAmbient(): boolean {
  return ambient.storage !== undefined;
}

/** The registry named by {@link withRegistry} around us. Free until that was ever used. */
export function ambientRegistry(): BreakerRegistry | undefined {
  return ambient.storage?.getStore();
}
