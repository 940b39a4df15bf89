import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { emptySibling, root, run } from './process';

/** The npm package that holds the executable for this machine. `node` itself would fetch it in an install script, which npm refuses. */
const packageName = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;

/**
 * The executable of a Node version, installed from npm and kept in `node_modules/.cache`.
 *
 * @param version - As npm understands it: `26`, `24.21.0` …
 */
export function nodeBinary(version: string): string {
  const folder = join(root, 'node_modules', '.cache', 'node', version);
  if (!existsSync(folder)) install(version, folder);
  const installed = join(folder, 'node_modules', packageName);
  const { bin } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as { bin: { node: string } };
  return join(installed, bin.node);
}

/** Moved into place when it is whole, so that an install that was interrupted is made again. */
function install(version: string, folder: string): void {
  mkdirSync(dirname(folder), { recursive: true });
  const fresh = emptySibling(folder);
  try {
    writeFileSync(join(fresh, 'package.json'), '{ "private": true }\n');
    run('npm', ['install', '--silent', '--no-audit', '--no-fund', `${packageName}@${version}`], { cwd: fresh });
    renameSync(fresh, folder);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}
