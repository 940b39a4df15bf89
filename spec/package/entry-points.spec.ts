import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { entryPoints } from '../../scripts/support/entry-points';
import { withPeers } from '../../scripts/support/packed-package';
import { consumer, installed, runProgram } from './support/consumer';

/** They set up the runner that loads them, and are loaded by one in the specs of the testing kit. */
const insideRunners = ['breaker-box/jest', 'breaker-box/vitest', 'breaker-box/node-test'];

const entries = entryPoints();
const loadable = entries.filter(({ specifier }) => !insideRunners.includes(specifier));
const commonJs = loadable.filter(({ format }) => format === 'cjs');

const inProject = (source: string) => runProgram('mjs', source, withPeers(consumer));

const preamble = `
  import { createRequire } from 'node:module';
  const require = createRequire(import.meta.url);
  const namesOf = (module) => Object.keys(module).filter((name) => !['default', 'module.exports', '__esModule'].includes(name)).sort();
`;

it.each(commonJs)('gives import and require one instance of $specifier', ({ specifier }) => {
  const { names, imported, different } = inProject(`
    ${preamble}
    import * as imported from '${specifier}';
    const required = require('${specifier}');
    const names = namesOf(required);
    console.log(JSON.stringify({ names, imported: namesOf(imported), different: names.filter((name) => imported[name] !== required[name]) }));
  `) as Record<'names' | 'imported' | 'different', string[]>;

  expect(names.length).toBeGreaterThan(0);
  expect(imported).toEqual(names);
  expect(different).toEqual([]);
});

it.each(loadable)('exports the same names from both builds of $specifier', ({ specifier, path }) => {
  const { inNode, forBundlers } = inProject(`
    ${preamble}
    import * as inNode from '${specifier}';
    import * as forBundlers from './node_modules/breaker-box/dist/esm/${path}.mjs';
    console.log(JSON.stringify({ inNode: namesOf(inNode), forBundlers: namesOf(forBundlers) }));
  `) as Record<'inNode' | 'forBundlers', string[]>;

  expect(forBundlers).toEqual(inNode);
});

it.each(entries)('has what $specifier imports in files beside it, so that Node reads few names to import it', ({ path, format }) => {
  const file = join(installed, 'dist/cjs', `${path}${format === 'esm' ? '.mjs' : '.js'}`);
  const { sources } = JSON.parse(readFileSync(`${file}.map`, 'utf8')) as { sources: string[] };
  expect(sources.map((source) => join(dirname(file), source)).filter((source) => source.startsWith(join(installed, 'lib')))).toEqual([join(installed, 'lib', `${path}.ts`)]);
});

it('has one copy of the registry in what Node loads, which all entry points share', () => {
  const files = readdirSync(join(installed, 'dist/cjs'), { recursive: true, encoding: 'utf8' }).filter((file) => /\.m?js$/.test(file));
  const copies = files.filter((file) => /\bBreakerRegistry=class\b/.test(readFileSync(join(installed, 'dist/cjs', file), 'utf8')));

  expect(copies).toEqual(['core.js']);
});

it('loads all entry points side by side, with the one registry', () => {
  const operations = inProject(`
    ${preamble}
    ${commonJs.map(({ specifier }) => `import '${specifier}';`).join('\n')}
    import { registry, withBreaker } from 'breaker-box';
    withBreaker(async () => 1, { name: 'users.fetch' });
    const loaded = Object.keys(require.cache).filter((file) => file.endsWith('/breaker-box/dist/cjs/core.js'));
    console.log(JSON.stringify({ copies: loaded.length, names: registry.names() }));
  `);

  expect(operations).toEqual({ copies: 1, names: ['users.fetch'] });
});
