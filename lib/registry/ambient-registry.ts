import { contextStorage, type ContextStorage } from '../core/context';
import type { BreakerRegistry } from './registry';

let storage: ContextStorage<BreakerRegistry> | undefined;

/**
 * Makes `registry` the one that everything called inside `fn` uses, across awaits: isolation for a test or a tenant.
 *
 * @returns What `fn` returns. Where there is no `AsyncLocalStorage` (a browser), it holds until `fn`'s first `await` only.
 */
export function withRegistry<R>(registry: BreakerRegistry, fn: () => R): R {
  storage ??= contextStorage<BreakerRegistry>();
  return storage.run(registry, fn);
}

/** The registry named by {@link withRegistry} around us. Free until that was ever used. */
export function ambientRegistry(): BreakerRegistry | undefined {
  return storage?.getStore();
}
