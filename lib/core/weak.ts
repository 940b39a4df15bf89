/**
 * Weak references, where the runtime has them: Cloudflare Workers had none up to their compatibility date of 2025-05-05. Without them
 * what is referred to is held, and nobody is told that it was collected.
 */

/** As much of a `WeakRef` as is used. */
export interface Ref<T extends object> {
  deref(): T | undefined;
}

/** As much of a `FinalizationRegistry` as is used. */
export interface Finalizers<Held> {
  register(target: object, held: Held, token?: object): void;
  unregister(token: object): unknown;
}

const platform = globalThis as { WeakRef?: typeof WeakRef; FinalizationRegistry?: typeof FinalizationRegistry };

export function weakRef<T extends object>(target: T): Ref<T> {
  return platform.WeakRef === undefined ? { deref: () => target } : new platform.WeakRef(target);
}

/** @param finalize - Told what was held for an object that was collected. */
export function finalizers<Held>(finalize: (held: Held) => void): Finalizers<Held> {
  if (platform.FinalizationRegistry !== undefined) return new platform.FinalizationRegistry(finalize);
  return { register: () => undefined, unregister: () => undefined };
}
