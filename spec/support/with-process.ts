/** Does something where the global `process` is another one, as in a browser. */
export function withProcess<R>(process: unknown, act: () => R): R {
  const own = Object.getOwnPropertyDescriptor(globalThis, 'process')!;
  Object.defineProperty(globalThis, 'process', { value: process, configurable: true });
  try {
    return act();
  } finally {
    Object.defineProperty(globalThis, 'process', own);
  }
}
