import { buildSync } from 'esbuild';
import { createRequire, Module } from 'node:module';
import { join } from 'node:path';
import type * as BreakerBox from '../../lib';

/** The library as a build makes it, in this process. Builds of one protocol share what is on `globalThis`. */
function built(isDevelopment: boolean): typeof BreakerBox {
  const { outputFiles } = buildSync({
    entryPoints: [join(__dirname, '../../lib/index.ts')],
    bundle: true, write: false, platform: 'node', format: 'cjs', logLevel: 'error', define: { __DEV__: String(isDevelopment), __NODE__: String(isDevelopment) },
  });
  const module = new Module(join(__dirname, `built-${isDevelopment}.cjs`)) as Module & { exports: typeof BreakerBox };
  const run = new Function('module', 'exports', 'require', outputFiles[0]!.text) as (module: object, exports: object, require: NodeJS.Require) => void;
  run(module, module.exports, createRequire(__filename));
  return module.exports;
}

// As in Jest with jsdom, where a program gets the build for browsers and the test kit that for Node.
describe('a production build and a development build in one process', () => {
  const [production, development] = [built(false), built(true)];

  it.each([
    ['production', production],
    ['development', development],
  ])('have operations side by side in a registry of the %s build', async (_, owner) => {
    const registry = new owner.BreakerRegistry();
    const wrap = (build: typeof BreakerBox, options: BreakerBox.BreakerOptions = {}) =>
      build.withBreaker(async function loadVideo() { return 'it'; }, { failureThreshold: 2, registry, ...options });
    const [one, two, three, four] = [wrap(production), wrap(development), wrap(production, { name: 'shared' }), wrap(development, { name: 'shared' })];
    expect(await Promise.all([one(), two(), three(), four()])).toEqual(['it', 'it', 'it', 'it']);
    expect([one.operation, two.operation]).toEqual(['loadVideo', 'loadVideo#2']);
    expect(three.breaker).toBe(four.breaker);
    expect(() => wrap(production, { name: 'shared', failureThreshold: 3 })).toThrow(expect.objectContaining({ code: 'BREAKER_CONFLICT' }));
  });
});
