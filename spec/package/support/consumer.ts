import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failureOf, outcomeOf } from '../../../scripts/support/process';

/** The project that has installed the packed package. */
export const consumer = process.env.BREAKER_BOX_CONSUMER!;

/** Where the package is in it. */
export const installed = join(consumer, 'node_modules', 'breaker-box');

const timeoutMs = 60_000;
let programs = 0;

/**
 * Runs a program in the consumer's project, or in another one, as a process of its own and returns what it printed, which must be JSON.
 * A process that does not end by itself is killed, and that is an error.
 *
 * @param extension - `cjs` or `mjs`: how Node is to read the program.
 * @param folder - Where it runs, if not in the project itself.
 */
export function runProgram(extension: 'cjs' | 'mjs', source: string, folder = consumer): unknown {
  const file = join(folder, `program-${process.pid}-${++programs}.${extension}`);
  writeFileSync(file, source);
  try {
    const result = outcomeOf(process.execPath, [file], { cwd: folder, timeout: timeoutMs, killSignal: 'SIGKILL' });
    const failure = failureOf(result);
    if (failure !== undefined) throw new Error(`${failure}\n${(result.stdout + result.stderr).slice(-2000)}`);
    return JSON.parse(result.stdout);
  } finally {
    rmSync(file);
  }
}
