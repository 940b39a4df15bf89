/**
 * Checks the packed tarball as a stranger meets it: the linters of package metadata, what gets installed, what is
 * published, and whether types resolve in a user's project. How the installed package *behaves* is in `spec/package/`.
 */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installPacked, type Consumer } from './support/packed-package';
import { capture, run } from './support/process';
import { consumerSource, typeResolutions } from './support/type-consumers';

const maxInstalledPackages = 5;

function publint({ tarball }: Consumer): void {
  run('publint', ['run', tarball, '--strict']);
}

function areTheTypesWrong({ tarball }: Consumer): void {
  run('attw', [tarball, '--no-emoji', '--format', 'table-flipped']);
}

function fewPackagesAreInstalled({ folder }: Consumer): void {
  const listed = capture('npm', ['ls', '--all', '--parseable', '--silent'], { cwd: folder });
  const packages = listed.trim().split('\n').slice(1);
  console.log(packages.map((path) => path.replace(join(folder, 'node_modules', '/'), '')).join(', '));
  assert(packages.length <= maxInstalledPackages, `${packages.length} packages, more than ${maxInstalledPackages}`);
}

function onlyTheProductIsPublished({ folder }: Consumer): void {
  const published = readdirSync(join(folder, 'node_modules', 'breaker-box')).sort();
  const expected = ['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'package.json'];
  assert(published.join() === expected.join(), `published: ${published.join(', ')}`);
}

function typesResolve({ folder }: Consumer): void {
  for (const { name, file, compilerOptions } of typeResolutions) {
    const project = join(folder, `tsconfig.${name}.json`);
    writeFileSync(join(folder, file), consumerSource);
    writeFileSync(project, JSON.stringify({ compilerOptions, files: [file] }));
    for (const compiler of ['tsc6', 'tsc']) {
      run(compiler, ['--project', project]);
      console.log(`${compiler.padEnd(4)} ${name}`);
    }
  }
}

function assert(holds: boolean, message: string): void {
  if (!holds) throw new Error(message);
}

const checks = [publint, areTheTypesWrong, fewPackagesAreInstalled, onlyTheProductIsPublished, typesResolve];

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
