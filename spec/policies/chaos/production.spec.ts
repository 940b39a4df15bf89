import { isProduction } from '../../../lib/policies/chaos/production';

/** Calls `isProduction` where the global `process` is another one, as in a browser or a worker. */
function inProductionWith(process: unknown): boolean {
  const own = Object.getOwnPropertyDescriptor(globalThis, 'process')!;
  Object.defineProperty(globalThis, 'process', { value: process, configurable: true });
  try {
    return isProduction();
  } finally {
    Object.defineProperty(globalThis, 'process', own);
  }
}

describe('production', () => {
  it.each([
    ['there is no process', undefined, false],
    ['a process has no environment', {}, false],
    ['NODE_ENV is not set', { env: {} }, false],
    ['NODE_ENV says something else', { env: { NODE_ENV: 'test' } }, false],
    ['NODE_ENV says so', { env: { NODE_ENV: 'production' } }, true],
  ])('is known where %s', (_where, process, isIt) => {
    expect(inProductionWith(process)).toBe(isIt);
  });
});
