/**
 * Runs every numbered example as its own process and prints a line for each. An example that fails, or does not end by
 * itself, fails the run; what it printed is then shown.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { failureOf, outcomeOfProgram, root } from './support/process';

const timeoutMs = 60_000;

function main(): void {
  const names = readdirSync(join(root, 'examples')).filter((file) => /^\d\d-.*\.ts$/.test(file)).sort();
  const passed = names.filter(passes);
  console.log(`${passed.length} of ${names.length} examples passed`);
  if (names.length === 0 || passed.length < names.length) process.exitCode = 1;
}

function passes(name: string): boolean {
  const startedAt = performance.now();
  const result = outcomeOfProgram(join('examples', name), timeoutMs);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const failure = failureOf(result);
  console.log(failure === undefined ? `ok      ${name} (${seconds} s)` : `FAILED  ${name} (${seconds} s): ${failure}`);
  if (failure !== undefined) console.log(`${result.stdout}${result.stderr}`);
  return failure === undefined;
}

main();
