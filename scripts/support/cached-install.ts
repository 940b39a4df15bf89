import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { emptySibling, root, run } from './process';

/**
 * A folder of `node_modules/.cache` with packages of npm, which are installed the first time.
 *
 * @param name - Of the folder; other packages need another name.
 * @param packages - As npm understands them: `jest@29` …
 * @returns Its `node_modules`.
 */
export function cachedInstall(name: string, packages: readonly string[]): string {
  const folder = join(root, 'node_modules', '.cache', name);
  if (!existsSync(folder)) install(packages, folder);
  return join(folder, 'node_modules');
}

/** Moved into place when it is whole, so that an install that was interrupted is made again. */
function install(packages: readonly string[], folder: string): void {
  mkdirSync(dirname(folder), { recursive: true });
  const fresh = emptySibling(folder);
  try {
    writeFileSync(join(fresh, 'package.json'), '{ "private": true }\n');
    run('npm', ['install', '--silent', '--no-audit', '--no-fund', ...packages], { cwd: fresh });
    moveInto(folder, fresh);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** Another process may have installed the same meanwhile. */
function moveInto(folder: string, fresh: string): void {
  try {
    renameSync(fresh, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  }
}
