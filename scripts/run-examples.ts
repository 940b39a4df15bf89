/**
 * Runs every numbered example as its own process and prints a line for each. An example that fails, or does not end by
 * itself, fails the run; what it printed is then shown.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './support/process';

const timeoutMs = 60_000;

function main(): void {
  const names = readdirSync(join(root, 'examples')).filter((file) => /^\d\d-.*\.ts$/.test(file)).sort();
  const failed = names.filter((name) => !succeeds(name));
  console.log(`${names.length - failed.length} of ${names.length} examples passed`);
  if (names.length === 0 || failed.length > 0) process.exitCode = 1;
}

function succeeds(name: string): boolean {
  const startedAt = performance.now();
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', join('examples', name)],
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8', timeout: timeoutMs, killSignal: 'SIGKILL' },
  );
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  if (status === 0) {
    console.log(`ok      ${name} (${seconds} s)`);
    return true;
  }
  console.log(`FAILED  ${name} (${seconds} s): ${signal === null ? `exit code ${status}` : `ended by ${signal}`}`);
  console.log(`${stdout}${stderr}`);
  return false;
}

main();
