import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cachedInstall } from './cached-install';

/** The npm package that holds the executable for this machine. `node` itself would fetch it in an install script, which npm refuses. */
const packageName = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;

/**
 * The executable of a Node version, installed from npm and kept in `node_modules/.cache`.
 *
 * @param version - As npm understands it: `26`, `24.21.0` …
 */
export function nodeBinary(version: string): string {
  const installed = join(cachedInstall(join('node', version), [`${packageName}@${version}`]), packageName);
  const { bin } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as { bin: { node: string } };
  return join(installed, bin.node);
}
