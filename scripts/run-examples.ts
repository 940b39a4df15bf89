/**
 * Runs every numbered example, a file or the `main.ts` of a folder, as its own process and prints a line for each. An example that fails, or does not end by
 * itself, fails the run; what it printed is then shown.
 */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { failureOf, outcomeOf, outcomeOfProgram, root } from './support/process';

const timeoutMs = 60_000;
const examples = join(root, 'examples');

function main(): void {
  const numbered = readdirSync(examples).filter((name) => /^\d\d-/.test(name)).sort();
  const names = numbered.map((name) => (name.endsWith('.ts') ? name : join(name, 'main.ts'))).filter((name) => existsSync(join(examples, name)));
  const passed = names.filter(passes);
  console.log(`${passed.length} of ${names.length} examples passed`);
  if (names.length === 0 || passed.length < names.length) process.exitCode = 1;
}

function passes(name: string): boolean {
  const startedAt = performance.now();
  const result = outcomeOfExample(name);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const failure = failureOf(result);
  console.log(failure === undefined ? `ok      ${name} (${seconds} s)` : `FAILED  ${name} (${seconds} s): ${failure}`);
  if (failure !== undefined) console.log(`${result.stdout}${result.stderr}`);
  return failure === undefined;
}

/** A folder with a `tsconfig.json` is compiled as that says: tsx emits no metadata for decorators, which Nest reads. */
function outcomeOfExample(name: string): ReturnType<typeof outcomeOf> {
  const file = join(examples, name);
  if (!existsSync(join(dirname(file), 'tsconfig.json'))) return outcomeOfProgram(file, timeoutMs);
  return outcomeOf('ts-node', [file], { timeout: timeoutMs, killSignal: 'SIGKILL' });
}

main();
