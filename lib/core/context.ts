import { builtinModule } from './builtin-module';

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
