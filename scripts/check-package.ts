/**
 * Checks the packed tarball as a stranger meets it: the linters of package metadata, what gets installed, what is
 * published, and whether types resolve in a user's project. How the installed package *behaves* is in `spec/package/`.
 */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import packageJson from '../package.json';
import { entryPoints, typesVersions, type EntryPoint } from './support/entry-points';
import { installPacked, withPeers, type Consumer } from './support/packed-package';
import { capture, run } from './support/process';
import { besidePeers, consumerSource, subpathSource, typeResolutions } from './support/type-consumers';

const maxTarballBytes = 1024 * 1024;

const entries = entryPoints();

/** The first has no name of its own among the binaries. */
const compilers = { 'TypeScript 5.9': require.resolve('typescript-5/bin/tsc'), 'TypeScript 6': 'tsc6', 'TypeScript 7': 'tsc' };

function publint({ tarball }: Consumer): void {
  run('publint', ['run', tarball, '--strict']);
}

/** Each entry point by the rules that can hold for it: an ES module cannot be required. */
function areTheTypesWrong({ tarball }: Consumer): void {
  const check = (profile: string, checked: readonly EntryPoint[]): void => {
    if (checked.length === 0) return;
    const subpaths = checked.map(({ specifier }) => specifier.replace(packageJson.name, '.'));
    run('attw', [tarball, '--no-emoji', '--format', 'table-flipped', '--profile', profile, '--entrypoints', ...subpaths]);
  };
  check('strict', entries.filter(({ format }) => format === 'cjs'));
  check('esm-only', entries.filter(({ format }) => format === 'esm'));
}

function nothingElseIsInstalled({ folder }: Consumer): void {
  const listed = capture('npm', ['ls', '--all', '--parseable', '--silent'], { cwd: folder });
  const packages = listed.trim().split('\n').slice(1).map((path) => path.replace(join(folder, 'node_modules', '/'), ''));
  assert(packages.join() === packageJson.name, `installed: ${packages.join(', ')}`);
}

function onlyTheProductIsPublished({ folder, tarball }: Consumer): void {
  const installed = join(folder, 'node_modules', packageJson.name);
  const published = readdirSync(installed).sort();
  const expected = [...new Set(['LICENSE', 'README.md', 'package.json', ...packageJson.files])].sort();
  assert(published.join() === expected.join(), `published: ${published.join(', ')}`);

  const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
  const strangers = files.filter((file) => /(^|\/)(spec|lib|node_modules)\/|\.spec\.|(?<!\.d)\.m?ts$/.test(file));
  assert(strangers.length === 0, `not part of the product: ${strangers.join(', ')}`);

  const lost = files.filter((file) => /\.[mc]?js$/.test(file)).flatMap((file) => missingSourceMap(join(installed, file)));
  assert(lost.length === 0, `source maps that are not there: ${lost.join(', ')}`);

  const { size } = statSync(tarball);
  console.log(`${files.length} files and folders, ${size} bytes packed`);
  assert(size <= maxTarballBytes, `the tarball has more than ${maxTarballBytes} bytes`);
}

function missingSourceMap(file: string): string[] {
  const [, map] = /^\/\/# sourceMappingURL=(?!data:)(.*)$/m.exec(readFileSync(file, 'utf8')) ?? [];
  return map === undefined || existsSync(join(dirname(file), map)) ? [] : [join(dirname(file), map)];
}

function typesResolve({ folder }: Consumer): void {
  for (const { name, file, compilerOptions } of typeResolutions) typeCheck(folder, name, file, consumerSource, compilerOptions);
}

function typesOfSubpathsResolve({ folder }: Consumer): void {
  for (const resolution of typeResolutions) {
    const { name, file, compilerOptions } = resolution;
    typeCheck(withPeers(folder), name, file, subpathSource(entries, resolution), { ...compilerOptions, ...besidePeers });
  }
}

function typeCheck(folder: string, name: string, file: string, source: string, compilerOptions: object): void {
  const project = join(folder, `tsconfig.${name}.json`);
  writeFileSync(join(folder, file), source);
  writeFileSync(project, JSON.stringify({ compilerOptions, files: [file] }));
  for (const [label, compiler] of Object.entries(compilers)) {
    run(compiler, ['--project', project]);
    console.log(`${label}, ${name}`);
  }
}

function assert(holds: boolean, message: string): void {
  if (!holds) throw new Error(message);
}

/** TypeScript's `node10` knows no `exports`. */
function typesVersionsFollowExports(): void {
  const expected = JSON.stringify(typesVersions(), undefined, 2);
  assert(JSON.stringify(packageJson.typesVersions, undefined, 2) === expected, `typesVersions must be ${expected}`);
}

const checks = [typesVersionsFollowExports, publint, areTheTypesWrong, nothingElseIsInstalled, onlyTheProductIsPublished, typesResolve, typesOfSubpathsResolve];

function main(): void {
  const consumer = installPacked();
  try {
    for (const check of checks) {
      console.log(`\n-- ${check.name}`);
      check(consumer);
    }
  } finally {
    consumer.remove();
  }
}

main();
