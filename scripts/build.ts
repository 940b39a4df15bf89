/**
 * Builds `dist/`: declarations by tsc; by esbuild CommonJS, bundled (what Node loads), and ES modules (what bundlers load), each
 * with the full messages, and in `dist/production` with short ones.
 *
 * Everything is made in a folder of its own and moved into place at the end, so that nobody who runs an example
 * meanwhile finds half a build.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { build, type BuildOptions } from 'esbuild';
import packageJson from '../package.json';
import { askingForPeers } from './support/asking-for-peers';
import { CommonJsFiles, programOf } from './support/common-js-files';
import { emptySibling, root, run } from './support/process';
import { entryPoints, programs } from './support/entry-points';
import { relativeImportsAsMjs } from './support/relative-imports-as-mjs';

const dist = join(root, 'dist');
const lib = join(root, 'lib');

/** Whether messages are whole sentences: the value of `__DEV__`. */
type Flavour = 'development' | 'production';

const common = (flavour: Flavour): BuildOptions => ({
  target: 'es2022',
  bundle: true,
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 160, // Node prints the line of an error that nobody catches
  sourcemap: 'linked',
  sourcesContent: false,
  // A production build is for browsers and workers alone: see `exports`.
  define: { __DEV__: String(flavour === 'development'), __NODE__: String(flavour === 'development') },
  packages: 'external',
  tsconfig: join(root, 'tsconfig.build.json'),
  logLevel: 'warning',
});

function buildDeclarations(outDir: string): void {
  run('tsc6', ['--project', 'tsconfig.build.json', '--emitDeclarationOnly', '--outDir', outDir]);
  for (const folder of programFolders()) rmSync(join(outDir, folder), { recursive: true });
}

/** A few files: to find and compile each of two hundred source files takes Node longer than to run them. */
async function buildCommonJs(outDir: string, flavour: Flavour): Promise<void> {
  const entries = flavour === 'development' ? [...entryPoints(), ...programs()] : entryPoints();
  const files = new CommonJsFiles(entries.map(({ path }) => path), await exportedNames());
  // Whatever asks for the production build by `require` bundles it, and those who debug that have the ES modules' maps.
  const sourcemap = flavour === 'development' && 'linked';
  const write = (path: string, options: BuildOptions): Promise<void> => writeCommonJs(join(outDir, path), path, files, { ...common(flavour), sourcemap, ...options });
  for (const { path, source, format } of entries) await write(path, { entryPoints: [source], format });
  for (let file = files.next(); file !== undefined; file = files.next()) {
    file.written = file.modules.size;
    await write(file.path, { stdin: { contents: programOf(file), resolveDir: lib }, format: 'cjs' });
  }
}

/** What each module of `lib/` exports, by its path there without extension. */
async function exportedNames(): Promise<Map<string, readonly string[]>> {
  const { metafile } = await build({ entryPoints: sources(), outdir: dist, format: 'esm', write: false, metafile: true, logOverride: { 'unsupported-require-call': 'silent' } });
  return new Map(Object.values(metafile.outputs).map(({ entryPoint = '', exports }) => [relative(lib, join(root, entryPoint)).replace(/\.ts$/, ''), exports]));
}

async function writeCommonJs(outfile: string, path: string, files: CommonJsFiles, options: BuildOptions): Promise<void> {
  const { outputFiles } = await build({
    ...options,
    ...(programFolders().includes(dirname(path)) && bundlingPackages),
    outfile: `${outfile}${options.format === 'esm' ? '.mjs' : '.js'}`,
    platform: 'node',
    plugins: [files.plugin(path), ...(options.format === 'esm' ? [] : [askingForPeers(specifierOf(path))])],
    write: false,
  });
  for (const file of outputFiles) {
    mkdirSync(dirname(file.path), { recursive: true });
    writeFileSync(file.path, file.contents);
  }
}

/** For programs: what only they use is part of them, so that a library's user does not install it. */
const bundlingPackages: BuildOptions = { packages: 'bundle', external: Object.keys(packageJson.peerDependencies) };

/** What users write to import a file, or the entry point that it belongs to. */
function specifierOf(path: string): string {
  const entries = entryPoints();
  const entry = entries.find((one) => one.path === path) ?? entries.find((one) => dirname(one.path) === dirname(path));
  return entry?.specifier ?? packageJson.name;
}

/** Bundled packages are distributed with the program, and so are their licences. */
function copyLicences(outDir: string): void {
  for (const folder of programFolders()) cpSync(join(root, 'node_modules', 'commander', 'LICENSE'), join(outDir, folder, 'commander.LICENSE'));
}

/** File by file, not one bundle: a bundler drops whole files that an application does not use (`sideEffects: false`). */
async function buildEsm(outDir: string, flavour: Flavour): Promise<void> {
  await build({
    ...common(flavour), // it bundles for the plugin below to be asked; that leaves every import where it is
    minifyWhitespace: false, // that drops the annotations by which a bundler leaves out decorators and tables that nobody uses
    entryPoints: librarySources(),
    outdir: outDir,
    outbase: lib,
    outExtension: { '.js': '.mjs' },
    format: 'esm',
    platform: 'neutral',
    plugins: [relativeImportsAsMjs],
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
  return sources().filter((file) => !programFolders().includes(relative(lib, file).split(sep)[0]!));
}

function sources(): string[] {
  const files = readdirSync(lib, { recursive: true, encoding: 'utf8' });
  return files.filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts')).map((file) => join(lib, file));
}

async function main(): Promise<void> {
  const fresh = emptySibling(dist);
  try {
    buildDeclarations(join(fresh, 'cjs'));
    for (const [flavour, folder] of [['development', fresh], ['production', join(fresh, 'production')]] as const) {
      await buildCommonJs(join(folder, 'cjs'), flavour);
      await buildEsm(join(folder, 'esm'), flavour);
    }
    writeModuleDeclarations(fresh);
    copyLicences(join(fresh, 'cjs'));
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
