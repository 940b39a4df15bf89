import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeBinary } from '../../../scripts/support/node-binary';
import { root, run } from '../../../scripts/support/process';
import { CLIENTS_NODE } from './program';

const folder = join(__dirname, '..');
const modules = join(folder, 'node_modules');
const stamp = join(modules, '.installed-lock.json');

/** Jest's global set-up of these specs: builds the package, and installs the clients when their lock file has changed. */
export default function installClients(): void {
  run('tsx', ['scripts/build.ts']);
  nodeBinary(CLIENTS_NODE);
  const lock = readFileSync(join(folder, 'package-lock.json'), 'utf8');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  // Node 20 runs npm here, and the programs run on Node 24, which the clients ask for.
  run('npm', ['ci', '--silent', '--no-audit', '--no-fund', '--engine-strict=false'], { cwd: folder });
  // The build of this checkout, under the name that users import it by.
  symlinkSync(root, join(modules, 'breaker-box'), 'dir');
  writeFileSync(stamp, lock);
}
