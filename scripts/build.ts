/**
 * Builds `dist/`: declarations by tsc; by esbuild CommonJS, bundled (what Node loads), and ES modules (what bundlers load).
 *
 * Everything is made in a folder of its own and moved into place at the end, so that nobody who runs an example
 * meanwhile finds half a build.
 */
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix, sep } from 'node:path';
import { build, type BuildOptions } from 'esbuild';
import { askingForPeers } from './support/asking-for-peers';
import { emptySibling, root, run } from './support/process';
import { entryPoints, programs } from './support/entry-points';
import { relativeImportsAsMjs } from './support/relative-imports-as-mjs';
import { programOf, SharedModules, takingFromShared } from './support/shared-modules';

const dist = join(root, 'dist');

function buildDeclarations(outDir: string): void {
  run('tsc6', ['--project', 'tsconfig.build.json', '--emitDeclarationOnly', '--outDir', outDir]);
  for (const folder of programFolders()) rmSync(join(outDir, folder), { recursive: true });
}

/**
 * A file for each entry point and program, and one for all that they share: to find and compile each of two hundred source files takes Node
 * longer than to run them.
 */
async function buildCommonJs(outDir: string): Promise<void> {
  const entries = entryPoints();
  const shared = new SharedModules(entries.map(({ path }) => path));
  for (const { path, source, format, specifier } of entries) {
    const plugins = format === 'cjs' ? [askingForPeers(specifier)] : [];
    await bundle(outDir, path, format, shared, { entryPoints: [source], plugins });
  }
  for (const { path, source } of programs()) await bundle(outDir, path, 'cjs', shared, { entryPoints: [source] });
  // What is shared by most comes last, when all have said what they take of it.
  for (const { path, modules } of [shared.testing, shared.sharing, shared.core]) {
    if (modules.size === 0) continue;
    const program = programOf({ path, modules });
    await bundle(outDir, path, 'cjs', shared, { stdin: { contents: program, resolveDir: join(root, 'lib'), loader: 'ts' } });
  }
}

async function bundle(outDir: string, path: string, format: 'cjs' | 'esm', shared: SharedModules, input: BuildOptions): Promise<void> {
  await build({
    ...input,
    outfile: join(outDir, `${path}${format === 'esm' ? '.mjs' : '.js'}`),
    format,
    // An ES module takes what is shared from CommonJS, too.
    banner: format === 'esm' ? { js: `import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);` } : {},
    platform: 'node',
    define: { __DEV__: 'true' },
    target: 'es2022',
    bundle: true,
    plugins: [takingFromShared(shared, path), ...(input.plugins ?? [])],
    packages: 'external',
    tsconfig: join(root, 'tsconfig.build.json'),
    logLevel: 'warning',
  });
}

/** File by file, not one bundle: a bundler drops whole files that an application does not use (`sideEffects: false`). */
async function buildEsm(outDir: string): Promise<void> {
  await build({
    entryPoints: librarySources(),
    outdir: outDir,
    outbase: join(root, 'lib'),
    outExtension: { '.js': '.mjs' },
    format: 'esm',
    platform: 'neutral',
    define: { __DEV__: 'true' },
    target: 'es2022',
    bundle: true, // for the plugin below to be asked; it leaves every import where it is
    plugins: [relativeImportsAsMjs],
    packages: 'external',
    tsconfig: join(root, 'tsconfig.build.json'),
    logLevel: 'warning',
  });
}

/**
 * Declarations of the ES modules: they re-export the CommonJS ones, so a class has one type however it is imported.
 * They end in `.d.mts` because TypeScript judges the format of a file by its extension.
 */
function writeModuleDeclarations(out: string): void {
  for (const { path, format } of entryPoints()) {
    const upwards = '../'.repeat(path.split('/').length);
    const declaration = format === 'cjs' ? `export * from '${upwards}cjs/${path}.js';\n` : takeModuleDeclaration(out, path, upwards);
    writeFileSync(join(out, 'esm', `${path}.d.mts`), declaration);
  }
}

/** The declaration of an entry point that is an ES module everywhere: it must not be found as one of CommonJS. */
function takeModuleDeclaration(out: string, path: string, upwards: string): string {
  const file = join(out, 'cjs', `${path}.d.ts`);
  const declaration = readFileSync(file, 'utf8');
  rmSync(file);
  const folder = `${upwards}cjs/${dirname(path)}`;
  return declaration.replaceAll(/(from|import\() ?'(\.[^']*)'/g, (_all, keyword: string, specifier: string) => {
    return `${keyword} '${posix.join(folder, specifier)}.js'`;
  });
}

/** What programs are made of is nobody's to import. */
function programFolders(): string[] {
  return programs().map(({ path }) => path.split('/')[0]!);
}

function librarySources(): string[] {
  return readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts') && !programFolders().includes(file.split(sep)[0]!))
    .map((file) => join(root, 'lib', file));
}

async function main(): Promise<void> {
  const fresh = emptySibling(dist);
  try {
    buildDeclarations(join(fresh, 'cjs'));
    await buildCommonJs(join(fresh, 'cjs'));
    await buildEsm(join(fresh, 'esm'));
    writeModuleDeclarations(fresh);
    replace(dist, fresh);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** Two renames, so that the folder is missing for no longer than it takes to make them. */
function replace(folder: string, fresh: string): void {
  const old = emptySibling(folder);
  if (existsSync(folder)) renameSync(folder, join(old, 'dist'));
  renameSync(fresh, folder);
  rmSync(old, { recursive: true });
}

void main();
