import { createContext, Script } from 'node:vm';
import { build } from 'esbuild';
import { conditionsOf, entryPoints, typesVersions, type Conditional, type Target } from '../../scripts/support/entry-points';
import packageJson from '../../package.json';
import { consumer } from './support/consumer';

const DEVELOPMENT = ['node', 'development'];
const PRODUCTION = ['worker', 'workerd', 'edge-light', 'browser', 'default'];

/** In Node `import` gets CommonJS too: there is one instance. */
const folderOf = (condition: string, kind: 'import' | 'require'): string => {
  if (condition === 'node') return 'dist/cjs/';
  const format = kind === 'import' ? 'esm' : 'cjs';
  return DEVELOPMENT.includes(condition) ? `dist/${format}/` : `dist/production/${format}/`;
};

interface Loaded {
  readonly files: readonly string[];
  readonly outcome: { readonly answer: string; readonly problem: string; readonly code: string; readonly message: string };
}

/** Bundles a program under one condition, and runs it where there is neither Node nor a browser. */
async function load(condition: string, kind: 'import' | 'require'): Promise<Loaded> {
  const source = `
    const { withRetry, withBreaker } = bb;
    let attempts = 0;
    const answer = withRetry(withBreaker(async () => { if (++attempts === 1) throw new Error('down'); return 'answer'; }), { baseDelay: 1 });
    const problemOf = (act) => { try { act(); } catch ({ name, code, message }) { return { problem: name, code, message }; } };
    globalThis.outcome = answer().then((answer) => ({ answer, ...problemOf(() => withRetry(async () => 1, { maxAttemps: 3 })) }));
  `;
  const loading = kind === 'import' ? `import * as bb from 'breaker-box';` : `const bb = require('breaker-box');`;
  const { outputFiles, metafile } = await build({
    stdin: { contents: loading + source, resolveDir: consumer, loader: 'js' },
    bundle: true,
    write: false,
    metafile: true,
    platform: 'neutral',
    mainFields: ['main'],
    conditions: [condition],
    external: ['node:*'],
    format: 'iife',
    logLevel: 'silent',
  });
  const context = createContext({ performance, setTimeout, clearTimeout, AbortController, AbortSignal, DOMException, console, queueMicrotask });
  new Script(outputFiles[0]!.text).runInContext(context);
  const files = Object.keys(metafile.inputs).flatMap((file) => file.split('node_modules/breaker-box/')[1] ?? []);
  return { files, outcome: await (context as { outcome: Promise<Loaded['outcome']> }).outcome };
}

describe.each([...DEVELOPMENT, ...PRODUCTION])('under the condition %s', (condition) => {
  it.each(['import', 'require'] as const)('%s gets a build that works, with messages for it', async (kind) => {
    const { files, outcome } = await load(condition, kind);
    const message = DEVELOPMENT.includes(condition) ? 'maxAttemps: unknown option; did you mean maxAttempts?' : 'maxAttemps: invalid';
    expect(outcome).toEqual({ answer: 'answer', problem: 'ConfigurationError', code: 'BREAKER_CONFIG', message: expect.stringContaining(message) });
    expect(files.filter((file) => !file.startsWith(folderOf(condition, kind)))).toEqual([]);
    expect(files).not.toEqual([]);
  });
});

const targetsOf = (conditional: Conditional): Target[] => ('import' in conditional ? Object.values(conditional) : [conditional]);

describe.each(entryPoints().filter(({ format }) => format === 'cjs'))('exports of $specifier', ({ specifier, path }) => {
  const conditions = conditionsOf.get(specifier.replace(packageJson.name, '.'))!;

  it('serves import and require under every condition', () => {
    const split = Object.entries(conditions).filter(([condition]) => condition !== 'node');
    expect(split.map(([, conditional]) => Object.keys(conditional))).toEqual(split.map(() => ['import', 'require']));
    expect(Object.keys(conditions)).toEqual(path === 'index' ? ['node', 'development', ...PRODUCTION] : ['node', 'development', 'default']);
  });

  it('names declarations of the same format as the code', () => {
    for (const { types, default: file } of Object.values(conditions).flatMap(targetsOf)) {
      expect(types).toBe(file.endsWith('.mjs') ? `./dist/esm/${path}.d.mts` : `./dist/cjs/${path}.d.ts`);
    }
  });
});

it('installs no other package', () => {
  expect(Object.keys(packageJson)).not.toContain('dependencies');
});

it('names in typesVersions what it names in exports', () => {
  expect(packageJson.typesVersions).toEqual(typesVersions());
});
