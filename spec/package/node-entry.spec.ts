import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { installed, runProgram } from './support/consumer';

it('gives import and require one and the same instance', () => {
  const same = runProgram(
    'mjs',
    `
    import { createRequire } from 'node:module';
    import * as imported from 'breaker-box';
    const required = createRequire(import.meta.url)('breaker-box');
    const names = Object.keys(required);
    console.log(JSON.stringify({ count: names.length, different: names.filter((name) => imported[name] !== required[name]) }));
    `,
  );
  expect(same).toEqual({ count: expect.any(Number), different: [] });
  expect((same as { count: number }).count).toBeGreaterThan(0);
});

it('lets an ES module import every export by its name', () => {
  const protectedCall = runProgram(
    'mjs',
    `
    import { withBreaker, CircuitOpenError, registry } from 'breaker-box';
    const fail = withBreaker(async function fetchUser() { throw new Error('down'); }, { failureThreshold: 1 });
    const first = await fail().catch((error) => error.message);
    const second = await fail().catch((error) => error instanceof CircuitOpenError);
    console.log(JSON.stringify({ first, second, state: registry.get('fetchUser').state }));
    `,
  );
  expect(protectedCall).toEqual({ first: 'down', second: true, state: 'open' });
});

it('is strict code in both formats, so that a detached call has no global `this`', () => {
  expect(readFileSync(join(installed, 'dist/cjs/index.js'), 'utf8')).toMatch(/^"use strict";/);
  for (const file of ['node_modules/breaker-box/dist/cjs/index.js', 'node_modules/breaker-box/dist/esm/index.mjs']) {
    const seenThis = runProgram(
      'mjs',
      `
      import { withBreaker } from './${file}';
      const call = withBreaker(async function () { 'use strict'; return this === undefined; });
      console.log(JSON.stringify(await call()));
      `,
    );
    expect(seenThis).toBe(true);
  }
});

it('exports the same names from both formats', () => {
  const names = runProgram(
    'mjs',
    `
    import * as esm from './node_modules/breaker-box/dist/esm/index.mjs';
    import * as imported from 'breaker-box';
    import { createRequire } from 'node:module';
    const cjs = createRequire(import.meta.url)('breaker-box');
    const own = (names) => names.filter((name) => !['default', 'module.exports', '__esModule'].includes(name)).sort();
    console.log(JSON.stringify({ esm: own(Object.keys(esm)), cjs: own(Object.keys(cjs)), imported: own(Object.keys(imported)) }));
    `,
  ) as Record<'esm' | 'cjs' | 'imported', string[]>;
  expect(names.cjs).toContain('withBreaker');
  expect(names.esm).toEqual(names.cjs);
  expect(names.imported).toEqual(names.cjs);
});
