import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from './support/consumer';
import { makeProject, runJest } from './support/runner-project';

jest.setTimeout(120_000);

/** A module of a program: an operation with an explicit name, one with the function's, and a class whose method is decorated. */
const source = (threshold: number, more = ''): string => `${more}
import { CircuitBreaker, withBreaker } from 'breaker-box';
import { down } from './down.js';
export const pay = withBreaker(down, { name: 'pay', failureThreshold: ${threshold}, handle: (error) => error instanceof Error });
export const load = withBreaker(async function load() { return down(); }, { failureThreshold: ${threshold} });
export class Service { async fetch() { return down(); } }
const method = Object.getOwnPropertyDescriptor(Service.prototype, 'fetch');
CircuitBreaker({ failureThreshold: ${threshold} })(Service.prototype, 'fetch', method);
Object.defineProperty(Service.prototype, 'fetch', method);
`;

const down = `export async function down() { throw new Error('down'); }`;

/** What each program tells: names, and how many failures opened each circuit. */
const looking = `
const warnings = [];
process.on('warning', ({ code }) => { warnings.push(code); });
async function look({ pay, load, Service }, registry) {
  const opened = {};
  for (const [name, call] of [['pay', pay], ['load', load], ['Service.fetch', () => new Service().fetch()]]) {
    registry.get(name)?.reset();
    let failures = 0;
    while (failures < 9 && registry.get(name)?.state !== 'open') { await call().catch(() => {}); failures++; }
    opened[name] = failures;
  }
  return { names: registry.names(), opened };
}
`;

const NAMES = ['pay', 'load', 'Service.fetch'];
const opening = (failures: number) => ({ names: NAMES, opened: Object.fromEntries(NAMES.map((name) => [name, failures])) });

describe('rule 55: a module that is loaded again, with other options', () => {
  const files = { 'package.json': '{ "type": "module" }', 'api.js': source(1), 'down.js': down };
  const edit = (threshold: number) => `writeFileSync('./api.js', ${JSON.stringify(source(threshold, '// a line more'))});`;

  it('keeps its operations in Node, by another query', () => {
    const folder = makeProject('reload-query', files);
    const program = `${looking}
      import { writeFileSync } from 'node:fs';
      import { registry } from 'breaker-box';
      const first = await look(await import('./api.js?v=1'), registry);
      ${edit(3)}
      const second = await look(await import('./api.js?v=2'), registry);
      const third = await look(await import('./api.js?v=3'), registry);
      await new Promise(setImmediate); // warnings come in a later turn
      console.log(JSON.stringify({ first, second, third, warnings }));`;
    expect(runProgram('mjs', program, folder)).toEqual({
      first: opening(1), second: opening(3), third: opening(3), warnings: Array.from(NAMES, () => 'BREAKER_BOX_EVALUATED_AGAIN'),
    });
  });

  it('keeps them with CommonJS, whose cache was emptied', () => {
    const cjs = (threshold: number, more = '') =>
      source(threshold, more).replace(/^import (.*) from (.*);$/gm, 'const $1 = require($2);').replace(/^export (const|class) (\w+)/gm, '$1 $2 = exports.$2').replace(/^class (\w+) = exports\.\w+/gm, 'const $1 = exports.$1 = class $1');
    const folder = makeProject('reload-cjs', {
      'package.json': '{}', 'api.js': cjs(1), 'down.js': `exports.down = async () => { throw new Error('down'); };`,
    });
    const program = `${looking}
      const { writeFileSync } = require('node:fs');
      const { registry } = require('breaker-box');
      (async () => {
        const first = await look(require('./api.js'), registry);
        const again = () => { delete require.cache[require.resolve('./api.js')]; return require('./api.js'); };
        const same = await look(again(), registry);
        writeFileSync('./api.js', ${JSON.stringify(cjs(3, '// a line more'))});
        const second = await look(again(), registry);
        await new Promise(setImmediate); // warnings are told then
        console.log(JSON.stringify({ first, same, second, warnings }));
      })();`;
    expect(runProgram('cjs', program, folder)).toEqual({
      first: opening(1), same: opening(1), second: opening(3), warnings: Array.from(NAMES, () => 'BREAKER_BOX_EVALUATED_AGAIN'),
    });
  });

  it('keeps them in Vite: its server rendering, and its hot reload (import.meta.hot)', () => {
    const folder = makeProject(
      'reload-vite',
      { ...files, 'hot.js': `import * as api from './api.js';\nglobalThis.current = api;\nif (import.meta.hot) import.meta.hot.accept();` },
      ['vite'],
    );
    const program = `${looking}
      import { writeFileSync } from 'node:fs';
      import { registry } from 'breaker-box';
      import { createServer, createServerModuleRunner } from 'vite';
      const server = await createServer({ root: process.cwd(), configFile: false, logLevel: 'error', appType: 'custom', server: { middlewareMode: true, ws: false, watch: null } });
      const invalidate = () => {
        server.moduleGraph.invalidateAll();
        server.environments.ssr.moduleGraph.invalidateAll();
      };
      const first = await look(await server.ssrLoadModule('/api.js'), registry);
      invalidate();
      const same = await look(await server.ssrLoadModule('/api.js'), registry);
      ${edit(3)}
      invalidate();
      const second = await look(await server.ssrLoadModule('/api.js'), registry);

      const runner = createServerModuleRunner(server.environments.ssr, { hmr: { logger: false } });
      await runner.import('/hot.js');
      const before = globalThis.current;
      ${edit(2)}
      await server.environments.ssr.reloadModule(server.environments.ssr.moduleGraph.getModuleById(process.cwd() + '/api.js'));
      for (let n = 0; n < 500 && globalThis.current === before; n++) await new Promise((resolve) => setTimeout(resolve, 10));
      const hot = await look(globalThis.current, registry);
      await runner.close();
      await server.close();
      console.log(JSON.stringify({ first, same, second, reloaded: globalThis.current !== before, hot, warnings }));`;
    expect(runProgram('mjs', program, folder)).toEqual({
      first: opening(1), same: opening(1), second: opening(3), reloaded: true, hot: opening(2), warnings: Array.from(NAMES, () => 'BREAKER_BOX_EVALUATED_AGAIN'),
    });
  });

  it('keeps them under jest.resetModules(), each test with a fresh copy of the package', () => {
    const test = `
      const { registry } = require('breaker-box');
      let threshold = 0;
      const load = () => {
        jest.resetModules();
        jest.doMock('./threshold.js', () => ({ threshold: ++threshold }), { virtual: true });
        return require('./api.js');
      };
      for (const n of [1, 2, 3]) test('test ' + n, async () => {
        const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {});
        const { pay, load: derived, breakerBox } = load();
        expect(breakerBox.registry).toBe(registry);
        expect([pay.operation, derived.operation, registry.names()]).toEqual(['pay', 'load', ['pay', 'load']]);
        for (let failures = 1; failures <= n; failures++) {
          expect(pay).toBeClosed();
          await pay().catch(() => {});
        }
        expect(pay).toBeOpen();
        expect(derived).toBeClosed();
        expect(warn.mock.calls.map(([, { code }]) => code)).toEqual(n === 2 ? ['BREAKER_BOX_EVALUATED_AGAIN', 'BREAKER_BOX_EVALUATED_AGAIN'] : []);
        warn.mockRestore();
      });
    `;
    const api = `
      const breakerBox = require('breaker-box');
      const { threshold } = require('./threshold.js');
      const down = async () => { throw new Error('down'); };
      exports.pay = breakerBox.withBreaker(down, { name: 'pay', failureThreshold: threshold, handle: (error) => error !== undefined });
      exports.load = breakerBox.withBreaker(async function load() {}, { failureThreshold: threshold });
      exports.breakerBox = breakerBox;
    `;
    const folder = makeProject('reload-jest', {
      'package.json': JSON.stringify({ jest: { setupFilesAfterEnv: ['breaker-box/jest'], transform: {} } }), 'reset.test.js': test, 'api.js': api,
    });
    expect(runJest(folder)).toEqual([1, 2, 3].map((n) => ({ name: `test ${n}`, passed: true, message: '' })));
  });
});

it('two bundles of one site share its operation (rule 55)', () => {
  const folder = makeProject('two-bundles', { 'package.json': '{ "type": "module" }', 'api.js': source(2), 'down.js': down }, ['esbuild']);
  writeFileSync(join(folder, 'one.js'), `export * as api from './api.js'; export const page = 'one';`);
  writeFileSync(join(folder, 'two.js'), `import * as api from './api.js'; console.assert(api); export { api }; export const page = 'two and more';`);
  const program = `${looking}
    import { build } from 'esbuild';
    import { registry } from 'breaker-box';
    await build({ entryPoints: ['one.js', 'two.js'], bundle: true, format: 'esm', packages: 'external', outdir: 'out' });
    const [one, two] = [await import('./out/one.js'), await import('./out/two.js')];
    console.log(JSON.stringify({ shared: one.api.pay.breaker === two.api.pay.breaker, apart: one.api.load.operation !== two.api.load.operation, warnings }));`;
  expect(runProgram('mjs', program, folder)).toEqual({ shared: true, apart: true, warnings: [] });
});
