interface BuiltinModules {
  getBuiltinModule?: (name: string) => unknown;
}

/**
 * A module of Node, Bun or Deno; undefined in a browser. Asked of `process` and never imported, so that the same file runs
 * in all of them.
 */
export function builtinModule<M>(name: `node:${string}`): M | undefined {
  const { process } = globalThis as { process?: BuiltinModules };
  return process?.getBuiltinModule?.(name) as M | undefined;
}

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

/** As much of Node's `AsyncLocalStorage` as is used; Bun and Deno have it too. */
export interface ContextStorage<T> {
  run<A extends unknown[], R>(value: T, fn: (...args: A) => R, ...args: A): R;
  getStore(): T | undefined;
}

interface AsyncHooks {
  readonly AsyncLocalStorage: new <T>() => ContextStorage<T>;
  readonly AsyncResource: { bind(fn: () => void): () => void };
}

function asyncHooks(): AsyncHooks | undefined {
  return builtinModule<AsyncHooks>('node:async_hooks');
}

/**
 * A value for everything that is called inside a function, across its awaits. In a browser, it holds until the function's
 * first `await` only.
 */
export function contextStorage<T>(): ContextStorage<T> {
  const hooks = asyncHooks();
  return hooks === undefined ? new SynchronousStorage<T>() : new hooks.AsyncLocalStorage<T>();
}

/** A function that runs in the asynchronous context of now, as a timer of the platform does. */
export function inPresentContext(fn: () => void): () => void {
  return asyncHooks()?.AsyncResource.bind(fn) ?? fn;
}

class SynchronousStorage<T> implements ContextStorage<T> {
  #value: T | undefined;

  run<A extends unknown[], R>(value: T, fn: (...args: A) => R, ...args: A): R {
    const outer = this.#value;
    this.#value = value;
    try {
      return fn(...args);
    } finally {
      this.#value = outer;
    }
  }

  getStore(): T | undefined {
    return this.#value;
  }
}
