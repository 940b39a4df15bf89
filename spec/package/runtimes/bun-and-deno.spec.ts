import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failureOf, outcomeOf } from '../../../scripts/support/process';
import { runtimeBinary, type Runtime } from '../../../scripts/support/runtime-binary';
import { expected, makeProgram } from './support/program';

const source = `
  import { createRequire } from 'node:module';
  import { ConfigurationError, registry, withBreaker } from 'breaker-box';
  import { runProgram } from './program.ts';
  const isOneInstance = createRequire(import.meta.url)('breaker-box').registry === registry;
  console.log(JSON.stringify({ program: await runProgram(), isOneInstance }));
`;

const timeoutMs = 60_000;

function run(runtime: Runtime, ...args: string[]): unknown {
  const folder = makeProgram(runtime);
  writeFileSync(join(folder, 'main.ts'), source);
  const result = outcomeOf(runtimeBinary(runtime), [...args, 'main.ts'], { cwd: folder, timeout: timeoutMs, killSignal: 'SIGKILL' });
  const failure = failureOf(result);
  if (failure !== undefined) throw new Error(`${failure}\n${result.stdout}${result.stderr}`);
  return { printed: JSON.parse(result.stdout) as unknown, stderr: result.stderr };
}

it.each([
  ['bun', ['run']],
  ['deno', ['run', '--allow-all', '--cached-only']],
] as const)('runs the package in %s, with one instance for import and require', (runtime, args) => {
  expect(run(runtime, ...args)).toEqual({ printed: { program: expected, isOneInstance: true }, stderr: '' });
});
